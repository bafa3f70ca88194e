// SPDX-License-Identifier: Apache-2.0

/// A formatter in the engine.
final class FormatterSlot {
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
