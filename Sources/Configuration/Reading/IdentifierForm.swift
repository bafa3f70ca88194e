// SPDX-License-Identifier: Apache-2.0

/// The form of application, device and coverage names: that of The Things Network v2,
/// `^[0-9a-z](?:[_-]?[0-9a-z]){1,35}$`.
enum IdentifierForm {
    static let expected = "2 to 36 lower case letters and digits, with single - or _ between them"

    static func allows(_ text: String) -> Bool {
        var letters = 0
        var mayPart = false
        for character in text.utf8 {
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"):
                letters += 1
                mayPart = true
            case UInt8(ascii: "-"), UInt8(ascii: "_"):
                guard mayPart else { return false }
                mayPart = false
            default: return false
            }
        }
        return mayPart && (2...36).contains(letters)
    }

    /// What would be allowed, for text that nearly is.
    static func hint(_ text: String) -> String? {
        let lowered = String(text.lowercased().map { $0 == " " || $0 == "." ? "-" : $0 })
        return lowered != text && allows(lowered) ? "did you mean \(lowered)?" : nil
    }
}
