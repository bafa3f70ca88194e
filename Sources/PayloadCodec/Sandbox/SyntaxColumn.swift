// SPDX-License-Identifier: Apache-2.0

/// A syntax error as the engine reports it: it knows the line, not the column.
struct SyntaxProblem: Hashable, Sendable {
    let message: String
    /// From 1.
    let line: Int
}

/// Finds the column of a syntax error: the engine's message quotes the token it did not expect, and a text that ends just
/// before that token fails in another way.
enum SyntaxColumn {
    /// The column from 1, or 0 when it cannot be told.
    ///
    /// - Parameter check: parses another text.
    static func column(of problem: SyntaxProblem, in source: String, check: (String) -> SyntaxProblem?) -> Int {
        let lines = source.split(omittingEmptySubsequences: false) { $0.isNewline }
        guard problem.line >= 1, problem.line <= lines.count else { return 0 }
        let line = lines[problem.line - 1]
        guard let token = quotedToken(problem.message), !token.isEmpty else {
            if problem.message.contains("end of script") { return line.utf16.count + 1 }
            return columnOfFirstFault(problem, line, in: source, check: check)
        }
        var candidates: [Int] = []
        var search = line.startIndex
        while search < line.endIndex, candidates.count < 32 {
            let rest = line[search...]
            if rest.hasPrefix(token) {
                let column = line[..<search].utf16.count + 1
                let before = String(source[..<search])
                if check(before) != problem, check(before + token)?.line == problem.line { return column }
                candidates.append(column)
            }
            search = line.index(after: search)
        }
        return candidates.count == 1 ? candidates[0] : 0
    }

    // The shortest text that has the fault ends with the word or sign that is wrong.
    private static func columnOfFirstFault(
        _ problem: SyntaxProblem,
        _ line: Substring,
        in source: String,
        check: (String) -> SyntaxProblem?,
    ) -> Int {
        var end = line.startIndex
        for _ in 0..<256 where end < line.endIndex {
            end = line.index(after: end)
            guard check(String(source[..<end])) == problem else { continue }
            let word = line[..<end].reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "$" }
            return line[..<end].utf16.count - max(0, word.reduce(0) { $0 + String($1).utf16.count } - 1)
        }
        return 0
    }

    private static func quotedToken(_ message: String) -> String? {
        let parts = message.split(separator: "'", omittingEmptySubsequences: false)
        // The first quoted text; further ones say what was expected instead.
        return parts.count >= 3 ? String(parts[1]) : nil
    }
}
