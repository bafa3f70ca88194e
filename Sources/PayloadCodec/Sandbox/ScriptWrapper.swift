// SPDX-License-Identifier: Apache-2.0

/// Puts a script into a function, so that each call can run it anew: its variables are fresh, its compiled code is kept.
///
/// A text that parses as a program cannot leave the function: its braces are balanced and it has no `return` outside one.
enum ScriptWrapper {
    private static let head = "(function(exports,module){return (function(){"

    /// Columns by which the first line is moved.
    static let columnOffset = head.utf16.count

    /// What the look-up function is asked for a variable `driver`.
    private static let driverStage = 10

    /// Only names that the text mentions are asked for: a name that is nowhere declared costs a search of the global object.
    private static func tail(_ source: String) -> String {
        // An escape may spell a name.
        let isEscaped = source.mentions("\\u")
        let cases = ScriptFunction.allCases.filter { isEscaped || source.mentions($0.name) }.map { function in
            "case \(function.rawValue):return typeof \(function.name)==='function'?\(function.name):void 0;"
        }
        // Bundled drivers declare one variable with all functions.
        let hasDriver = isEscaped || source.mentions("driver")
        let driver =
            hasDriver ? "case \(driverStage):return typeof driver==='object'&&driver!==null?driver:void 0;" : ""
        return "\n;return function(which){switch(which){\(cases.joined())\(driver)}}}).call(this)})"
    }

    /// The text with a first line that names an interpreter (`#!/usr/bin/env node`) made a comment: as a program it would
    /// be one, inside a function it is a fault.
    static func withoutInterpreter(_ source: String) -> String {
        source.hasPrefix("#!") ? "//" + source.dropFirst(2) : source
    }

    /// An expression whose value is a function `(exports, module)` that runs the script and returns its look-up function.
    static func expression(_ source: String) -> String { head + source + tail(source) }
}
