// SPDX-License-Identifier: Apache-2.0
internal import CJavaScriptCore

/// A global object with its built-ins and the harness.
final class Realm {
    let context: OpaquePointer
    let isShared: Bool
    /// The harness function that decodes.
    let decode: OpaquePointer
    private let batch: OpaquePointer
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
        let names = ["decode", "batch"].map { Realm.makeString($0) }
        defer { for name in names { JSStringRelease(name) } }
        guard let decode = JSObjectGetProperty(context, made, names[0], nil),
            let batch = JSObjectGetProperty(context, made, names[1], nil)
        else { throw .engine("the harness has no functions") }
        self.decode = decode
        self.batch = batch
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

    /// Has the harness perform the calls in the shared page; the text of their answers, nil with an exception.
    func batch(count: Int, _ exception: inout OpaquePointer?) -> OpaquePointer? {
        let argument = number(Double(count))
        return withUnsafePointer(to: argument) { JSObjectCallAsFunction(context, batch, nil, 1, $0, &exception) }
    }

    /// The answers to the calls of a batch that were done when it was ended.
    func rescue() -> OpaquePointer? { JSObjectCallAsFunction(context, function("rescue"), nil, 0, nil, nil) }

    /// Has the harness know a formatter by its slot, or forget it.
    func keep(_ linked: OpaquePointer?, in slot: UInt32) {
        let arguments = [number(Double(slot)), linked ?? undefined]
        _ = JSObjectCallAsFunction(context, function("keep"), nil, arguments.count, arguments, nil)
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

    /// Lends the UTF-8 of a string value; false when it is none.
    func withOctets(of value: OpaquePointer, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
        guard let text = JSValueToStringCopy(context, value, nil) else { return false }
        defer { JSStringRelease(text) }
        let capacity = JSStringGetMaximumUTF8CStringSize(text)
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { room in
            guard let base = room.baseAddress else { return }
            let count = max(0, JSStringGetUTF8CString(text, base, capacity) - 1)
            body(UnsafeRawBufferPointer(start: base, count: count))
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
