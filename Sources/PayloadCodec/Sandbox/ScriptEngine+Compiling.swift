// SPDX-License-Identifier: Apache-2.0
internal import CJavaScriptCore

extension ScriptEngine {
    /// A formatter's compiled wrappers in a realm, joined by the harness.
    func linked(_ slot: FormatterSlot, _ realm: Realm) -> OpaquePointer? {
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
            realm.keep(result, in: slot.number)
        } else {
            realm.keep(result)
        }
        return result
    }

    /// Parses a formatter once: what is wrong with it, or in which realm it may run.
    func check(_ slot: FormatterSlot) {
        guard !slot.isChecked else { return }
        slot.isChecked = true
        let functions: [ScriptFunction] = [.decoder, .converter, .validator, .encoder]
        for (part, function) in zip(slot.parts, functions) {
            guard let part else { continue }
            if let problem = syntaxProblem(part) {
                // Finding the column parses the text many times over.
                let isShort = part.utf8.count <= 1 << 16
                let column = isShort ? SyntaxColumn.column(of: problem, in: part) { self.syntaxProblem($0) } : 0
                slot.syntaxProblem = (function, problem, column)
                return
            }
            slot.isPlain = slot.isPlain && ScriptManners.isPlain(part)
            slot.leavesJobs = slot.leavesJobs || ScriptManners.leavesJobs(part)
        }
    }

    private func syntaxProblem(_ source: String) -> SyntaxProblem? {
        let script = Realm.makeString(source)
        defer { JSStringRelease(script) }
        var exception: OpaquePointer?
        if JSCheckScriptSyntax(shared.context, script, nil, 1, &exception) { return nil }
        var message = shared.text(exception) ?? "SyntaxError"
        let isModule = message.contains("keyword 'export'") || message.contains("import call")
        if isModule { message += " (formatters are scripts, not modules: use exports or module.exports)" }
        return SyntaxProblem(
            message: message,
            line: Int(shared.member("line", of: exception) ?? 0),
        )
    }
}
