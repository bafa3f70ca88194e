// SPDX-License-Identifier: Apache-2.0
internal import CJavaScriptCore
internal import Glibc

/// One JavaScript virtual machine with its compiled formatters: what a worker process holds. The only file that touches
/// JavaScriptCore's pointers. All of it happens on the thread that made it (JSContextRef.h: a group binds to it).
///
/// Two kinds of realm run scripts. The shared realm has immutable built-ins and serves every formatter: each call gets new
/// instances of its functions, which costs about a microsecond. A script that changes built-ins gets a realm of its own
/// for each call, at about 200 microseconds.
final class ScriptEngine {
    private let group: OpaquePointer
    private let page: SharedPage
    private let watchdog: Unmanaged<Watchdog>
    private let resultLimit: Int
    private var shared: Realm
    private var slots: [UInt32: Slot] = [:]

    /// - Parameters:
    ///   - page: input octets and progress.
    ///   - seconds: processor time of a function.
    ///   - resultLimit: octets of JSON in a result.
    init(page: SharedPage, seconds: Double, resultLimit: Int) throws(CodecError) {
        guard let group = JSContextGroupCreate() else { throw .engine("it makes no virtual machine") }
        self.group = group
        self.page = page
        self.resultLimit = resultLimit
        watchdog = Unmanaged.passRetained(Watchdog(page: page, group: group, seconds: seconds))
        shared = try Realm(group: group, isShared: true, page: page, resultLimit: resultLimit)
        try testWatchdog()
        guard cjsc_set_time_limit(group, seconds, shouldTerminate, watchdog.toOpaque()) else {
            throw .engine("it has no execution time limit")
        }
    }

    deinit {
        slots.removeAll()
        JSContextGroupRelease(group)
        watchdog.release()
    }

    // MARK: Formatters

    func load(_ number: UInt32, isSingle: Bool, parts: [String?]) {
        if let old = slots[number] { shared.release(old.linked) }
        slots[number] = Slot(isSingle: isSingle, parts: parts)
    }

    func drop(_ number: UInt32) {
        if let old = slots.removeValue(forKey: number) { shared.release(old.linked) }
    }

    /// Collects garbage now.
    func collectGarbage() { JSGarbageCollect(shared.context) }

    // MARK: Calls

    /// Decodes the octets in the shared page.
    func decode(_ number: UInt32, flags: UInt8, count: Int, port: UInt8, time: Int64, into answer: inout WireBuffer) {
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
    func encode(_ number: UInt32, flags: UInt8, port: UInt8, json: String, into answer: inout WireBuffer) {
        perform(number, kind: .encode(flags), into: &answer) { realm, linked, call in
            call(
                realm.function("encode"),
                [linked, realm.number(Double(flags)), realm.number(Double(port)), realm.string(json)],
            )
        }
    }

    /// Calls one function with JSON input.
    func call(_ number: UInt32, function: ScriptFunction, json: String, into answer: inout WireBuffer) {
        perform(number, kind: .call(function), into: &answer) { realm, linked, call in
            call(realm.function("call"), [linked, realm.number(Double(function.rawValue)), realm.string(json)])
        }
    }

    /// Lists the functions of a script.
    func list(_ number: UInt32, into answer: inout WireBuffer) {
        perform(number, kind: .list, into: &answer) { realm, linked, call in
            call(realm.function("list"), [linked])
        }
    }

    private enum CallKind {
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

    private typealias Caller = (OpaquePointer, [OpaquePointer?]) -> Void

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
        _ slot: Slot,
        in realm: Realm,
        kind: CallKind,
        into answer: inout WireBuffer,
        _ body: (Realm, OpaquePointer, (OpaquePointer, [OpaquePointer?]) -> Void) -> Void,
    ) -> Verdict {
        watchdog.takeUnretainedValue().begin()
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
            isAnswered = realm.append(value, to: &answer)
        }
        if watchdog.takeUnretainedValue().hasFired {
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
        return answer.mentionsReadonly(from: start) ? .wantsOwnRealm : .settled
    }

    // A script that was ended may have left jobs (promises) behind: they must not run in the next call.
    private func flushJobs() {
        for _ in 0..<3 {
            watchdog.takeUnretainedValue().begin()
            _ = shared.evaluate("0", name: "harness")
            if !watchdog.takeUnretainedValue().hasFired { return }
        }
        // The service sees a worker that ended between calls and starts another one.
        _exit(80)
    }

    private func renewSharedRealm() {
        for slot in slots.values { slot.linked = nil }
        page.isTainted = false
        guard let realm = try? Realm(group: group, isShared: true, page: page, resultLimit: resultLimit) else {
            _exit(81)
        }
        shared = realm
    }

    // MARK: Compiling

    /// A formatter's compiled wrappers in a realm, joined by the harness.
    private func linked(_ slot: Slot, _ realm: Realm) -> OpaquePointer? {
        if realm.isShared, let linked = slot.linked { return linked }
        var arguments: [OpaquePointer?] = [realm.boolean(slot.isSingle)]
        for part in slot.parts {
            guard let part else {
                arguments.append(realm.undefined)
                continue
            }
            guard let wrapper = realm.evaluate(ScriptWrapper.expression(part), name: "formatter") else { return nil }
            realm.keep(wrapper)
            arguments.append(wrapper)
        }
        let result = JSObjectCallAsFunction(realm.context, realm.function("link"), nil, arguments.count, arguments, nil)
        guard let result else { return nil }
        if realm.isShared {
            JSValueProtect(realm.context, result)
            slot.linked = result
        } else {
            realm.keep(result)
        }
        return result
    }

    private func check(_ slot: Slot) {
        guard !slot.isChecked else { return }
        slot.isChecked = true
        let functions: [ScriptFunction] = [.decoder, .converter, .validator, .encoder]
        for (part, function) in zip(slot.parts, functions) {
            guard let part else { continue }
            if let problem = syntaxProblem(part) {
                let column = SyntaxColumn.column(of: problem, in: part) { self.syntaxProblem($0) }
                slot.syntaxProblem = (function, problem, column)
                return
            }
            slot.isPlain = slot.isPlain && ScriptManners.isPlain(part)
        }
    }

    private func syntaxProblem(_ source: String) -> SyntaxProblem? {
        let script = Realm.makeString(source)
        defer { JSStringRelease(script) }
        var exception: OpaquePointer?
        if JSCheckScriptSyntax(shared.context, script, nil, 1, &exception) { return nil }
        return SyntaxProblem(
            message: shared.text(exception) ?? "SyntaxError",
            line: Int(shared.member("line", of: exception) ?? 0),
        )
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

    private func fail(_ kind: CallKind, code: Character, text: String, into answer: inout WireBuffer) {
        let (tags, first) = kind.failure
        for tag in tags {
            answer.appendProblem(tag: tag, code: code, function: page.stage ?? first, line: 0, column: 0, text: text)
        }
    }

    private func testWatchdog() throws(CodecError) {
        guard cjsc_set_time_limit(group, 0.005, shouldTerminate, watchdog.toOpaque()) else {
            throw .engine("it has no execution time limit")
        }
        watchdog.takeUnretainedValue().begin()
        _ = shared.evaluate("while (true) {}", name: "harness")
        guard watchdog.takeUnretainedValue().hasFired else { throw .engine("its watchdog does not end a loop") }
    }
}

/// A formatter in the engine.
private final class Slot {
    let isSingle: Bool
    let parts: [String?]
    var isChecked = false
    var isPlain = true
    var syntaxProblem: (function: ScriptFunction, problem: SyntaxProblem, column: Int)?
    /// Its link in the shared realm, protected.
    var linked: OpaquePointer?

    init(isSingle: Bool, parts: [String?]) {
        self.isSingle = isSingle
        self.parts = parts
    }
}

/// Decides, inside the virtual machine, whether a script has run too long: each function of the v2 pipeline has a limit
/// of its own.
private final class Watchdog {
    let page: SharedPage
    let group: OpaquePointer
    let seconds: Double
    var hasFired = false
    var step: UInt8 = 0

    init(page: SharedPage, group: OpaquePointer, seconds: Double) {
        self.page = page
        self.group = group
        self.seconds = seconds
    }

    func begin() {
        hasFired = false
        step = page.step &+ 1
    }
}

private func shouldTerminate(_ context: OpaquePointer, _ user: UnsafeMutableRawPointer?) -> Bool {
    guard let user else { return true }
    let watchdog = Unmanaged<Watchdog>.fromOpaque(user).takeUnretainedValue()
    let step = watchdog.page.step
    if step != watchdog.step, step != watchdog.step &- 1 {
        // Another function began since: it gets a limit of its own. The callback is asked once a limit, so it is set anew.
        watchdog.step = step
        _ = cjsc_set_time_limit(watchdog.group, watchdog.seconds, shouldTerminate, user)
        return false
    }
    watchdog.hasFired = true
    return true
}

/// A global object with its built-ins and the harness.
private final class Realm {
    let context: OpaquePointer
    let isShared: Bool
    /// The harness function that decodes.
    let decode: OpaquePointer
    private let functions: OpaquePointer
    private var kept: [OpaquePointer] = []

    init(group: OpaquePointer, isShared: Bool, page: SharedPage, resultLimit: Int) throws(CodecError) {
        guard let context = JSGlobalContextCreateInGroup(group, nil) else { throw .engine("it makes no context") }
        self.context = context
        self.isShared = isShared
        let refusal = Realm.makeString("code cannot be made from text")
        defer { JSStringRelease(refusal) }
        guard cjsc_disable_eval(context, refusal) else { throw .engine("eval cannot be turned off") }
        var exception: OpaquePointer?
        let bytes = JSObjectMakeTypedArrayWithBytesNoCopy(
            context,
            kJSTypedArrayTypeUint8Array,
            page.harnessBytes,
            SharedPage.harnessSize,
            cjsc_keep_bytes,
            nil,
            &exception,
        )
        guard let bytes else { throw .engine("it makes no array: \(Realm.text(context, exception) ?? "")") }
        JSValueProtect(context, bytes)
        defer { JSValueUnprotect(context, bytes) }
        guard let setUp = Realm.evaluate(context, Harness.script, Harness.name, &exception) else {
            throw .engine("the harness does not parse: \(Realm.text(context, exception) ?? "")")
        }
        JSValueProtect(context, setUp)
        defer { JSValueUnprotect(context, setUp) }
        let arguments: [OpaquePointer?] = [
            JSValueMakeBoolean(context, isShared), bytes, JSValueMakeNumber(context, Double(resultLimit)),
        ]
        let made = JSObjectCallAsFunction(context, setUp, nil, arguments.count, arguments, &exception)
        guard let made else { throw .engine("the harness fails: \(Realm.text(context, exception) ?? "")") }
        functions = made
        JSValueProtect(context, made)
        let name = Realm.makeString("decode")
        defer { JSStringRelease(name) }
        guard let decode = JSObjectGetProperty(context, made, name, nil) else {
            throw .engine("the harness has no functions")
        }
        self.decode = decode
    }

    deinit {
        releaseKept()
        JSValueUnprotect(context, functions)
        JSGlobalContextRelease(context)
    }

    /// A function of the harness; it lives as long as the realm.
    func function(_ name: String) -> OpaquePointer {
        let text = Realm.makeString(name)
        defer { JSStringRelease(text) }
        return JSObjectGetProperty(context, functions, text, nil) ?? functions
    }

    func number(_ value: Double) -> OpaquePointer? { JSValueMakeNumber(context, value) }
    func boolean(_ value: Bool) -> OpaquePointer? { JSValueMakeBoolean(context, value) }
    var undefined: OpaquePointer? { JSValueMakeUndefined(context) }

    func string(_ text: String) -> OpaquePointer? {
        let text = Realm.makeString(text)
        defer { JSStringRelease(text) }
        let value = JSValueMakeString(context, text)
        if let value { keep(value) }
        return value
    }

    /// Protects a value until the call is over: the collector does not look into Swift's heap, where arrays of arguments live.
    func keep(_ value: OpaquePointer) {
        JSValueProtect(context, value)
        kept.append(value)
    }

    func releaseKept() {
        for value in kept { JSValueUnprotect(context, value) }
        kept.removeAll(keepingCapacity: true)
    }

    func release(_ linked: OpaquePointer?) {
        if let linked { JSValueUnprotect(context, linked) }
    }

    func evaluate(_ source: String, name: String) -> OpaquePointer? {
        let script = Realm.makeString(source)
        let title = Realm.makeString(name)
        defer {
            JSStringRelease(script)
            JSStringRelease(title)
        }
        return Realm.evaluate(context, script, title, nil)
    }

    /// Appends the UTF-8 of a string value; false when it is none.
    func append(_ value: OpaquePointer, to answer: inout WireBuffer) -> Bool {
        guard let text = JSValueToStringCopy(context, value, nil) else { return false }
        defer { JSStringRelease(text) }
        let capacity = JSStringGetMaximumUTF8CStringSize(text)
        answer.append(capacity: capacity) { room in
            room.withMemoryRebound(to: CChar.self, capacity: capacity) { characters in
                max(0, JSStringGetUTF8CString(text, characters, capacity) - 1)
            }
        }
        return true
    }

    func text(_ value: OpaquePointer?) -> String? { Realm.text(context, value) }

    /// A numeric member of an object.
    func member(_ name: String, of value: OpaquePointer?) -> Double? {
        guard let value, JSValueIsObject(context, value) else { return nil }
        let text = Realm.makeString(name)
        defer { JSStringRelease(text) }
        guard let member = JSObjectGetProperty(context, value, text, nil) else { return nil }
        let number = JSValueToNumber(context, member, nil)
        return number.isFinite ? number : nil
    }

    static func makeString(_ text: String) -> OpaquePointer {
        let units = Array(text.utf16)
        return JSStringCreateWithCharacters(units, units.count)
    }

    private static func evaluate(
        _ context: OpaquePointer,
        _ script: OpaquePointer,
        _ name: OpaquePointer,
        _ exception: UnsafeMutablePointer<OpaquePointer?>?,
    ) -> OpaquePointer? {
        JSEvaluateScript(context, script, nil, name, 1, exception)
    }

    private static func text(_ context: OpaquePointer, _ value: OpaquePointer?) -> String? {
        guard let value, let copy = JSValueToStringCopy(context, value, nil) else { return nil }
        defer { JSStringRelease(copy) }
        guard let units = JSStringGetCharactersPtr(copy) else { return nil }
        return String(decoding: UnsafeBufferPointer(start: units, count: JSStringGetLength(copy)), as: UTF16.self)
    }
}

extension Harness {
    /// The text and its name as the engine's strings, made once: a worker evaluates them in every realm.
    ///
    /// `nonisolated(unsafe)` is sound because: 1. the engine's strings are immutable and their count of owners is atomic;
    /// 2. they are never released.
    fileprivate nonisolated(unsafe) static let script = Realm.makeString(source)
    fileprivate nonisolated(unsafe) static let name = Realm.makeString("harness")
}
