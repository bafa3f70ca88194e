// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// What a catalogue's `driver.yaml` says of a codec beside it.
struct CatalogueDriver {
    /// Whose functions it has: `lora-alliance`, `actility`, `ttn` or `chirpstack`; empty when it does not say.
    let signature: String
    /// Whether its functions need what earlier messages left: such examples cannot stand alone.
    let needsContext: Bool

    /// Where the driver of an example file lies.
    static func directory(of file: String) -> String {
        let parts = file.split(separator: "/", omittingEmptySubsequences: false)
        let isOlder = file.hasSuffix(".examples.json")
        return parts.dropLast(isOlder ? 2 : 1).joined(separator: "/")
    }

    init(directory: String) {
        var members: [String: String] = [:]
        for line in (CommandOutput.contents(directory + "/driver.yaml") ?? []).split(separator: UInt8(ascii: "\n")) {
            // Its own members stand at the beginning of a line; none of the two is written in another way.
            let text = String(decoding: line.prefix { $0 != UInt8(ascii: "#") }, as: UTF8.self)
            let parts = text.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            members[String(parts[0])] = parts[1].filter { !" \t\r\"'".contains($0) }
        }
        signature = members["signature"] ?? ""
        needsContext = members["useContext"] == "true"
    }

    /// The function that an example is about, among those that a script defines.
    func function(for example: CatalogueExample, among defined: [ScriptFunction]) -> ScriptFunction? {
        let candidates = example.functions.filter { defined.contains($0) }
        let family: [ScriptFunction] =
            switch signature {
            case "ttn": [.decoder, .encoder]
            case "chirpstack": [.decode, .encode]
            default: []
            }
        return candidates.first { family.contains($0) } ?? candidates.first
    }

    /// What the function is called with: the catalogue's own dialect hands encoders the data alone.
    func input(of example: CatalogueExample, for function: ScriptFunction) -> JSONValue {
        guard signature == "actility", function == .encodeDownlink, let data = example.input["data"] else {
            return example.input
        }
        return data
    }
}
