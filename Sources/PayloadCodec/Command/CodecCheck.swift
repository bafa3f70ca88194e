// SPDX-License-Identifier: Apache-2.0

/// `codec check`: what a script is.
enum CodecCheck {
    static func main(_ path: String, _ codec: PayloadCodec) async -> Int32 {
        guard let script = CommandOutput.script(path) else {
            CommandOutput.complain("error: cannot read \(path)")
            return 2
        }
        let outcome = await codec.list(.javascript(script: script), as: "check")
        if let failure = outcome.failure {
            let place = failure.line.map { line in failure.column.map { ":\(line):\($0)" } ?? ":\(line)" } ?? ""
            CommandOutput.print("\(path)\(place): \(failure.kind.rawValue): \(failure.message)")
            return 1
        }
        let dialects = dialects(outcome.functions)
        CommandOutput.print("dialect: \(dialects.isEmpty ? "none" : dialects.joined(separator: "; "))")
        CommandOutput.print("functions: \(outcome.functions.map(\.name).joined(separator: ", "))")
        CommandOutput.print("size: \(script.utf8.count) octets")
        guard dialects.isEmpty else { return 0 }
        CommandOutput.print("\(path): script: it defines no function of any dialect")
        return 1
    }

    /// The dialects whose functions a script defines.
    static func dialects(_ functions: [ScriptFunction]) -> [String] {
        let families: [(String, [ScriptFunction])] = [
            (
                "alliance (LoRa Alliance, The Things Stack v3, ChirpStack v4)",
                [.decodeUplink, .normalizeUplink, .encodeDownlink, .decodeDownlink]
            ),
            ("ttn-v2 (The Things Network v2)", [.decoder, .converter, .validator, .encoder]),
            ("chirpstack-v3 (ChirpStack v3)", [.decode, .encode]),
        ]
        return families.filter { family in family.1.contains { functions.contains($0) } }.map(\.0)
    }
}
