// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// One example that a catalogue keeps beside a codec.
struct CatalogueExample {
    let name: String
    /// The functions that may be meant, in the order of preference.
    let functions: [ScriptFunction]
    let input: JSONValue
    let expected: JSONValue
    /// Whether it is only about a function that the codec may lack.
    var isOptional = false

    private static let decoders: [ScriptFunction] = [.decodeUplink, .decoder, .decode]
    private static let encoders: [ScriptFunction] = [.encodeDownlink, .encoder, .encode]

    /// The examples that an element of a file stands for; none when it is of no known form.
    ///
    /// - Parameters:
    ///   - number: of the element, from 1; for elements without a name.
    ///   - encodes: whether the file's name says that it is about encoders.
    static func read(_ value: JSONValue, number: Int, encodes: Bool) -> [CatalogueExample] {
        let name = value["name"]?.text ?? value["description"]?.text ?? "example \(number)"
        if let expected = value["expected"], let input = value["input"] {
            let functions = encodes ? encoders : decoders
            return [CatalogueExample(name: name, functions: functions, input: input, expected: expected)]
        }
        // The older form has the members of the input beside the type, and the data in place of the output.
        let input = value["input"] ?? value
        let expected = value["output"] ?? value["data"]
        switch value["type"]?.text {
        case "uplink":
            return expected.map { [CatalogueExample(name: name, functions: decoders, input: input, expected: $0)] }
                ?? []
        case "downlink-decode":
            guard let expected else { return [] }
            return [CatalogueExample(name: name, functions: [.decodeDownlink], input: input, expected: expected)]
        case "downlink-encode":
            return expected.map { [CatalogueExample(name: name, functions: encoders, input: input, expected: $0)] }
                ?? []
        case "downlink": return downlink(value, name)
        default: return []
        }
    }

    /// An older downlink tells of both directions.
    private static func downlink(_ value: JSONValue, _ name: String) -> [CatalogueExample] {
        guard let data = value["data"] else { return [] }
        var octets: JSONObject = [:]
        octets["bytes"] = value["bytes"]
        octets["fPort"] = value["fPort"]
        var fields: JSONObject = ["data": data]
        fields["fPort"] = value["fPort"]
        return [
            CatalogueExample(name: name, functions: encoders, input: .object(fields), expected: .object(octets)),
            CatalogueExample(
                name: name,
                functions: [.decodeDownlink],
                input: .object(octets),
                expected: data,
                isOptional: true,
            ),
        ]
    }
}
