// SPDX-License-Identifier: Apache-2.0

/// Puts a script into a function, so that each call can run it anew: its variables are fresh, its compiled code is kept.
///
/// A text that parses as a program cannot leave the function: its braces are balanced and it has no `return` outside one.
enum ScriptWrapper {
    private static let head = "(function(exports,module){return (function(){"

    /// Columns by which the first line is moved.
    static let columnOffset = head.utf16.count

    private static let tail: String = {
        let cases = ScriptFunction.allCases.map { function in
            "case \(function.rawValue):return typeof \(function.name)==='function'?\(function.name):void 0;"
        }
        return "\n;return function(which){switch(which){\(cases.joined())}}}).call(this)})"
    }()

    /// An expression whose value is a function `(exports, module)` that runs the script and returns its look-up function.
    static func expression(_ source: String) -> String { head + source + tail }
}
