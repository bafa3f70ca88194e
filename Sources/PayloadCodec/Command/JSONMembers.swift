// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// The members of a JSON object as slices of its text: a value is found without being read, so it is passed on exactly as
/// it was written, whatever the size of its numbers or the depth of its arrays (RFC 8259).
struct JSONMembers {
    /// Why a text is not a JSON object.
    struct Fault: Error {
        let message: String
        /// The octet at which reading stopped, from 0.
        let offset: Int
        /// What was found before that octet.
        let members: JSONMembers
    }

    private var found: [(name: String, value: Range<Int>)] = []
    private let text: ArraySlice<UInt8>

    /// Reads the text of one object, with white space around it at most.
    init(of text: ArraySlice<UInt8>) throws(Fault) {
        self.text = text
        var scanner = JSONScanner(text)
        do throws(JSONScanner.Fault) {
            try scanner.object { name, value in found.append((name, value)) }
        } catch {
            throw Fault(message: error.message, offset: error.offset - text.startIndex, members: self)
        }
    }

    /// The text of a member's value; the last one of that name, as the language's `JSON.parse` has it.
    subscript(name: String) -> ArraySlice<UInt8>? {
        found.last { $0.name == name }.map { text[$0.value] }
    }

    /// A member's value when it is a string.
    func text(_ name: String) -> String? {
        guard let slice = self[name], slice.first == UInt8(ascii: "\"") else { return nil }
        return JSONScanner.string(slice)
    }
}
