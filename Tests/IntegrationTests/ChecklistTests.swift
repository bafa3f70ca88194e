// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

@Suite struct ChecklistTests {
    /// A row of docs/ttn-checklist.md.
    private struct Row {
        var line: Int
        var suite: String
        var tests: [String]
    }

    @Test("docs/ttn-checklist.md has a row for each of the 85 lines, and every row names tests that exist")
    func everyLineIsTested() async throws {
        let rows = try await ChecklistTests.text("docs/ttn-checklist.md").split(separator: "\n").compactMap(
            ChecklistTests.row
        )
        #expect(rows.map(\.line) == Array(1...85))
        var sources: [String: String] = [:]
        for suite in Set(rows.map(\.suite)) {
            let found = try await ChildProcess.run(
                "find",
                ["\(PythonEnvironment.root)/Tests", "-name", "\(suite).swift"],
            )
            let paths = found.lines.map(\.text)
            #expect(!paths.isEmpty, "there is no \(suite).swift")
            sources[suite] = try await ChildProcess.run("cat", paths).text
        }
        for row in rows {
            let source = sources[row.suite] ?? ""
            #expect(source.contains("@Suite"), "\(row.suite) is no suite")
            #expect(!row.tests.isEmpty)
            for test in row.tests {
                let forms = ["\"\(test)\"", "func `\(test)`(", "func \(test)("]
                #expect(
                    forms.contains { source.contains($0) },
                    "line \(row.line): \(row.suite) has no test \"\(test)\""
                )
            }
        }
    }

    private static func row(_ text: Substring) -> Row? {
        let cells = text.split(separator: "|").map { $0.trimmed }
        guard cells.count == 4, let line = Int(cells[0]) else { return nil }
        let suite = cells[2].filter { $0 != "`" }
        return Row(line: line, suite: suite, tests: ChecklistTests.tests(cells[3], of: suite))
    }

    /// Titles may hold semicolons of their own: only suites whose tests are named by phrases list several.
    private static func tests(_ cell: String, of suite: String) -> [String] {
        let lists: Set = ["IdentifierTests", "FieldTopicTests", "V3UplinkTests"]
        return lists.contains(suite) ? cell.split(separator: ";").map { $0.trimmed } : [cell]
    }

    private static func text(_ path: String) async throws -> String {
        try await ChildProcess.run("cat", ["\(PythonEnvironment.root)/\(path)"]).text
    }
}

extension Substring {
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
