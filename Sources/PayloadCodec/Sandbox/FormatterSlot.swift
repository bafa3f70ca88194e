// SPDX-License-Identifier: Apache-2.0

/// A formatter in the engine.
final class FormatterSlot {
    let number: UInt32
    let isSingle: Bool
    let parts: [String?]
    var isChecked = false
    var isPlain = true
    /// Whether it may leave jobs (promises) behind that run before the next call.
    var leavesJobs = false
    var syntaxProblem: (function: ScriptFunction, problem: SyntaxProblem, column: Int)?
    /// Its link in the shared realm, protected.
    var linked: OpaquePointer?

    init(number: UInt32, isSingle: Bool, parts: [String?]) {
        self.number = number
        self.isSingle = isSingle
        self.parts = parts
    }
}
