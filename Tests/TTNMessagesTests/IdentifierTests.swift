// SPDX-License-Identifier: Apache-2.0
import TTNMessages
import Testing

@Suite struct IdentifierTests {
    @Test(arguments: ["ab", "a1", "7b", "a-b", "a_b", "a-b_c", String(repeating: "a", count: 36)])
    func `v2 allows letters, digits and single separators`(text: String) {
        #expect(IdentifierRule.v2.allows(text))
    }

    @Test(arguments: ["", "a", "A1", "a--b", "a-_b", "-ab", "ab_", "a.b", "a b", "a/b", "äb", "a+b"])
    func `v2 refuses everything else`(text: String) {
        #expect(!IdentifierRule.v2.allows(text))
    }

    @Test func `v2 counts letters and digits, not separators`() {
        let alternating = Array(repeating: "a", count: 36).joined(separator: "-")
        #expect(alternating.count == 71)
        #expect(IdentifierRule.v2.allows(alternating))
        #expect(!IdentifierRule.v2.allows(String(repeating: "a", count: 37)))
        #expect(!IdentifierRule.v2.allows(alternating + "-a"))
    }

    @Test func `v3 wants three characters, no underscore, and counts all of them`() {
        #expect(IdentifierRule.v3.allows("a-b1"))
        #expect(IdentifierRule.v3.allows("abc"))
        #expect(!IdentifierRule.v3.allows("a_b"))
        #expect(!IdentifierRule.v3.allows("ab"))
        #expect(!IdentifierRule.v3.allows("a--b"))
        #expect(IdentifierRule.v3.allows(String(repeating: "a", count: 36)))
        #expect(!IdentifierRule.v3.allows(String(repeating: "a", count: 35) + "-a"))
    }

    @Test func `the rule for both formats is that of v2`() {
        #expect(IdentifierRule(serving: [.v2, .v3]) == .v2)
        #expect(IdentifierRule(serving: [.v2]) == .v2)
        #expect(IdentifierRule(serving: [.v3]) == .v3)
    }

    @Test(arguments: [
        ("", IdentifierError.Fault.empty, "the device id is empty"),
        ("A", .character, "the device id \"A\" may hold only lower case letters, digits and single separators"),
        ("a-", .separator, "the device id \"a-\" may have only single separators, between letters or digits"),
        ("a", .tooShort(minimum: 2), "the device id \"a\" is too short: at least 2 letters or digits"),
    ])
    func `an error says what is wrong`(text: String, fault: IdentifierError.Fault, words: String) {
        let error = #expect(throws: IdentifierError.self) { try IdentifierRule.v2.check(text, as: "device id") }
        #expect(error?.fault == fault)
        #expect(error?.description == words)
    }
}
