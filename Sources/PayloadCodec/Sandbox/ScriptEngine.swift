// SPDX-License-Identifier: Apache-2.0
internal import CJavaScriptCore
internal import Glibc

/// One JavaScript virtual machine with its compiled formatters: what a worker process holds. JavaScriptCore's pointers stay
/// in the files of this type and of `Realm`. All of it happens on the thread that made it (JSContextRef.h: a group binds
/// to it).
///
/// Two kinds of realm run scripts. The shared realm has immutable built-ins and serves every formatter: each call gets new
/// instances of its functions, which costs about a microsecond. A script that changes built-ins gets a realm of its own
/// for each call, at about 200 microseconds.
final class ScriptEngine {
    private let group: OpaquePointer
    let page: SharedPage
    let watchdog: Watchdog
    private let resultLimit: Int
    /// The realm of all formatters that leave built-ins alone.
    var shared: Realm
    var slots: [UInt32: FormatterSlot] = [:]

    /// - Parameters:
    ///   - page: input octets and progress.
    ///   - seconds: processor time of a function.
    ///   - resultLimit: octets of JSON in a result.
    init(page: SharedPage, seconds: Double, resultLimit: Int) throws(CodecError) {
        guard let group = JSContextGroupCreate() else { throw .engine("it makes no virtual machine") }
        self.group = group
        self.page = page
        self.resultLimit = resultLimit
        watchdog = Watchdog(page: page, group: group)
        shared = try Realm(group: group, isShared: true, page: page, resultLimit: resultLimit)
        try testWatchdog()
        guard watchdog.arm(seconds: seconds) else {
            throw .engine("it has no execution time limit")
        }
    }

    deinit {
        slots.removeAll()
        JSContextGroupRelease(group)
    }

    // MARK: Formatters

    func load(_ number: UInt32, isSingle: Bool, parts: [String?]) {
        if let old = slots[number] { shared.release(old.linked) }
        slots[number] = FormatterSlot(
            number: number,
            isSingle: isSingle,
            parts: parts.map { $0.map(ScriptWrapper.withoutInterpreter) },
        )
    }

    func drop(_ number: UInt32) {
        guard let old = slots.removeValue(forKey: number), let linked = old.linked else { return }
        shared.keep(nil, in: number)
        shared.release(linked)
    }

    /// Collects garbage now.
    func collectGarbage() { cjsc_collect_garbage(shared.context) }

    // MARK: Calls

    /// Performs one call.
    func perform(_ call: WireCall, _ slot: UInt32, into answer: inout WireBuffer) {
        switch call {
        case .decode(let flags, let port, let time, let bytes):
            if let base = bytes.baseAddress { memcpy(page.input, base, bytes.count) }
            decode(slot, flags: flags, count: bytes.count, port: port, time: time, into: &answer)
        case .encode(let flags, let port, let json):
            encode(slot, flags: flags, port: port, json: String(decoding: json, as: UTF8.self), into: &answer)
        case .call(let function, let json):
            self.call(slot, function: function, json: String(decoding: json, as: UTF8.self), into: &answer)
        case .list: list(slot, into: &answer)
        }
    }

    /// Decodes the octets in the shared page.
    private func decode(
        _ number: UInt32,
        flags: UInt8,
        count: Int,
        port: UInt8,
        time: Int64,
        into answer: inout WireBuffer
    ) {
        perform(number, kind: .decode(flags), into: &answer) { realm, linked, call in
            call(
                realm.decode,
                [
                    linked, realm.number(Double(flags)), realm.number(Double(count)), realm.number(Double(port)),
                    realm.number(Double(time)),
                ],
            )
        }
    }

    /// Encodes JSON text.
    private func encode(_ number: UInt32, flags: UInt8, port: UInt8, json: String, into answer: inout WireBuffer) {
        perform(number, kind: .encode(flags), into: &answer) { realm, linked, call in
            call(
                realm.function("encode"),
                [linked, realm.number(Double(flags)), realm.number(Double(port)), realm.string(json)],
            )
        }
    }

    /// Calls one function with JSON input.
    private func call(_ number: UInt32, function: ScriptFunction, json: String, into answer: inout WireBuffer) {
        perform(number, kind: .call(function), into: &answer) { realm, linked, call in
            call(realm.function("call"), [linked, realm.number(Double(function.rawValue)), realm.string(json)])
        }
    }

    /// Lists the functions of a script.
    private func list(_ number: UInt32, into answer: inout WireBuffer) {
        perform(number, kind: .list, into: &answer) { realm, linked, call in
            call(realm.function("list"), [linked])
        }
    }

    enum CallKind {
        case decode(UInt8)
        case encode(UInt8)
        case call(ScriptFunction)
        case list

        /// Tags of the sections that report a failure, and the function to name when none has begun.
        var failure: (tags: [UInt8], function: ScriptFunction) {
            switch self {
            case .decode(let flags):
                let tags = [flags & 1 != 0 ? UInt8(ascii: "E") : 0, flags & 2 != 0 ? UInt8(ascii: "e") : 0]
                let function: ScriptFunction =
                    flags & 8 != 0 ? .decodeDownlink : flags & 1 != 0 ? .decoder : .decodeUplink
                return (tags.filter { $0 != 0 }, function)
            case .encode(let flags): return ([UInt8(ascii: "E")], flags & 1 != 0 ? .encoder : .encodeDownlink)
            case .call(let function): return ([UInt8(ascii: "E")], function)
            case .list: return ([UInt8(ascii: "E")], .decodeUplink)
            }
        }
    }

    private func perform(
        _ number: UInt32,
        kind: CallKind,
        into answer: inout WireBuffer,
        _ body: (Realm, OpaquePointer, (OpaquePointer, [OpaquePointer?]) -> Void) -> Void,
    ) {
        guard let slot = slots[number] else {
            fail(kind, code: "k", text: "the formatter is not loaded", into: &answer)
            return
        }
        check(slot)
        if let problem = slot.syntaxProblem {
            report(kind, problem, into: &answer)
            return
        }
        let start = answer.octets.count
        if slot.isPlain {
            if run(slot, in: shared, kind: kind, into: &answer, body) == .settled { return }
            answer.truncate(to: start)
            slot.isPlain = false
        }
        do {
            let realm = try Realm(group: group, isShared: false, page: page, resultLimit: resultLimit)
            _ = run(slot, in: realm, kind: kind, into: &answer, body)
            answer.append8(1)
            answer.append8(UInt8(ascii: "O"))
        } catch {
            answer.truncate(to: start)
            fail(kind, code: "k", text: error.description, into: &answer)
        }
    }

    private enum Verdict {
        /// The answer stands.
        case settled
        /// The script wants to change built-ins: it needs a realm of its own.
        case wantsOwnRealm
    }

    private func run(
        _ slot: FormatterSlot,
        in realm: Realm,
        kind: CallKind,
        into answer: inout WireBuffer,
        _ body: (Realm, OpaquePointer, (OpaquePointer, [OpaquePointer?]) -> Void) -> Void,
    ) -> Verdict {
        watchdog.begin()
        defer { realm.releaseKept() }
        guard let linked = linked(slot, realm) else {
            fail(kind, code: "k", text: "the formatter cannot be compiled", into: &answer)
            return .settled
        }
        let start = answer.octets.count
        var exception: OpaquePointer?
        var isAnswered = false
        body(realm, linked) { function, arguments in
            var exceptionValue: OpaquePointer?
            let value = JSObjectCallAsFunction(
                realm.context,
                function,
                nil,
                arguments.count,
                arguments,
                &exceptionValue
            )
            exception = exceptionValue
            guard let value, exceptionValue == nil else { return }
            isAnswered = realm.withOctets(of: value) { answer.append(contentsOf: $0) }
        }
        if watchdog.hasFired {
            answer.truncate(to: start)
            fail(kind, code: "T", text: "", into: &answer)
            flushJobs()
        } else if !isAnswered {
            answer.truncate(to: start)
            fail(kind, code: "k", text: realm.text(exception) ?? "the engine gave no result", into: &answer)
        }
        guard realm.isShared else { return .settled }
        if page.isTainted {
            renewSharedRealm()
            return .wantsOwnRealm
        }
        return answer.octets.withUnsafeBytes {
            WireBuffer.mentionsReadonly(UnsafeRawBufferPointer(rebasing: $0[start...]))
        } ? .wantsOwnRealm : .settled
    }

    // A script that was ended may have left jobs (promises) behind: they must not run in the next call.
    func flushJobs() {
        for _ in 0..<3 {
            watchdog.begin()
            _ = shared.evaluate("0", name: "harness")
            if !watchdog.hasFired { return }
        }
        // The service sees a worker that ended between calls and starts another one.
        _exit(80)
    }

    func renewSharedRealm() {
        for slot in slots.values { slot.linked = nil }
        page.isTainted = false
        guard let realm = try? Realm(group: group, isShared: true, page: page, resultLimit: resultLimit) else {
            _exit(81)
        }
        shared = realm
    }

    // MARK: Failures written here

    private func report(
        _ kind: CallKind,
        _ problem: (function: ScriptFunction, problem: SyntaxProblem, column: Int),
        into answer: inout WireBuffer,
    ) {
        let (tags, first) = kind.failure
        for tag in tags {
            // A single script's fault lies with the function that was asked for.
            let function = problem.function == .decoder ? first : problem.function
            answer.appendProblem(
                tag: tag,
                code: "s",
                function: function,
                line: problem.problem.line,
                column: problem.column,
                text: problem.problem.message,
            )
        }
    }

    func fail(_ kind: CallKind, code: Character, text: String, into answer: inout WireBuffer) {
        let (tags, first) = kind.failure
        for tag in tags {
            answer.appendProblem(tag: tag, code: code, function: page.stage ?? first, line: 0, column: 0, text: text)
        }
    }

    private func testWatchdog() throws(CodecError) {
        guard watchdog.arm(seconds: 0.005) else {
            throw .engine("it has no execution time limit")
        }
        watchdog.begin()
        _ = shared.evaluate("while (true) {}", name: "harness")
        guard watchdog.hasFired else { throw .engine("its watchdog does not end a loop") }
    }
}
