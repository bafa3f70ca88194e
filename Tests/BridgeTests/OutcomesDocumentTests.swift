// SPDX-License-Identifier: Apache-2.0
import Glibc
import NetworkServer
import TTNMessages
import Testing

@testable import Bridge

@Suite struct OutcomesDocumentTests {
    @Test("docs/outcomes.md names every reason word")
    func complete() throws {
        let path = #filePath.replacing("Tests/BridgeTests/OutcomesDocumentTests.swift", with: "docs/outcomes.md")
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var text = ""
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        while getline(&line, &capacity, file) > 0, let line { text += String(cString: line) }
        free(line)
        let words =
            RefusalReason.allCases.map(\.rawValue) + DownlinkFailureReason.allCases.map(\.rawValue)
            + RequestReason.allCases.map(\.rawValue) + MulticastRefusal.Reason.allCases.map(\.rawValue)
        for word in words { #expect(text.contains("`\(word)`"), "\(word) is missing") }
    }
}
