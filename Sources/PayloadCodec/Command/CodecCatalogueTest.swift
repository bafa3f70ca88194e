// SPDX-License-Identifier: Apache-2.0
internal import JSON

/// `codec test`: runs the example files that public catalogues keep beside their codecs.
enum CodecCatalogueTest {
    private struct Tally {
        var passed = 0
        var different = 0
        var unusable = 0
    }

    static func main(_ directory: String, _ codec: PayloadCodec) async -> Int32 {
        guard let files = CommandOutput.files(below: directory) else {
            CommandOutput.complain("error: cannot read the directory \(directory)")
            return 2
        }
        var tally = Tally()
        for file in files {
            guard let script = script(for: file) else { continue }
            await run(file, script, codec, &tally)
        }
        CommandOutput.print("\(tally.passed) passed, \(tally.different) different, \(tally.unusable) unusable")
        if tally.passed + tally.different + tally.unusable == 0 {
            CommandOutput.complain("error: no examples below \(directory)")
            return 2
        }
        return tally.different + tally.unusable == 0 ? 0 : 1
    }

    /// The codec that an example file belongs to; nil for other files.
    private static func script(for file: String) -> String? {
        let parts = file.split(separator: "/", omittingEmptySubsequences: false)
        let directory = parts.dropLast().joined(separator: "/")
        let name = parts.last ?? ""
        for prefix in ["test_decode_", "test_encode_"] where name.hasPrefix(prefix) && name.hasSuffix(".json") {
            return directory + "/" + name.dropFirst(prefix.count).dropLast(5) + ".js"
        }
        if name == "examples.json" { return main(of: directory) }
        if name.hasSuffix(".examples.json"), parts.dropLast().last == "examples" {
            let driver = parts.dropLast(2).joined(separator: "/")
            // The older form counts where the one file is missing.
            return CommandOutput.contents(driver + "/examples.json") == nil ? main(of: driver) : nil
        }
        return nil
    }

    private static func main(of directory: String) -> String {
        if let package = CommandOutput.contents(directory + "/package.json"),
            let value = try? JSONValue(parsing: package),
            let main = value["main"]?.text
        {
            let path = directory + "/" + main
            return path.hasSuffix(".js") ? path : path + ".js"
        }
        return directory + "/index.js"
    }

    private static func run(_ file: String, _ path: String, _ codec: PayloadCodec, _ tally: inout Tally) async {
        guard let script = CommandOutput.script(path) else {
            tally.unusable += 1
            CommandOutput.print("NOSCRIPT \(file): cannot read \(path)")
            return
        }
        let formatter = Formatter.javascript(script: script)
        let listed = await codec.list(formatter, as: path)
        if let failure = listed.failure {
            tally.unusable += 1
            CommandOutput.print("NOSCRIPT \(path): \(failure.kind.rawValue): \(failure)")
            return
        }
        guard let examples = await examples(file, codec) else {
            tally.unusable += 1
            CommandOutput.print("NOEXAMPLES \(file): the file is neither JSON nor an array that JavaScript can read")
            return
        }
        let driver = CatalogueDriver(directory: CatalogueDriver.directory(of: file))
        for (index, element) in examples.enumerated() where element.isEmpty {
            tally.unusable += 1
            CommandOutput.print("NOEXAMPLE \(file): element \(index + 1) is of no known form")
        }
        for example in examples.joined() {
            guard let function = driver.function(for: example, among: listed.functions) else {
                if example.isOptional { continue }
                tally.unusable += 1
                CommandOutput.print("NOFUNCTION \(file): \(example.name)")
                continue
            }
            if driver.needsContext, example.input["context"] != nil {
                CommandOutput.print("SKIPPED \(file): \(example.name): it needs what earlier messages left")
                continue
            }
            guard let input = ScriptInput.json(driver.input(of: example, for: function)) else {
                tally.unusable += 1
                CommandOutput.print("NOINPUT \(file): \(example.name): the input is no object with octets")
                continue
            }
            let outcome = await codec.call(function, formatter: formatter, inputJSON: input, as: path)
            if let text = difference(outcome, example, function) {
                tally.different += 1
                CommandOutput.print("DIFF \(file): \(example.name): \(text)")
            } else {
                tally.passed += 1
            }
        }
    }

    private static func difference(
        _ outcome: ScriptCallOutcome,
        _ example: CatalogueExample,
        _ function: ScriptFunction
    )
        -> String?
    {
        if let failure = outcome.failure { return "\(failure.kind.rawValue): \(failure)" }
        guard let actual = try? JSONValue(parsing: outcome.resultJSON ?? Array("null".utf8), depth: 512) else {
            return "the result cannot be read back"
        }
        // The older dialects return the data itself.
        let isBare = function == .decoder || function == .decode
        let expected = isBare ? example.expected["data"] ?? example.expected : example.expected
        let wanted =
            function == .encoder || function == .encode ? example.expected["bytes"] ?? example.expected : expected
        return JSONDifference.first(expected: octetsAsNumbers(wanted), actual: octetsAsNumbers(actual))
    }

    // Octets are written as hex text in one catalogue and as numbers in the other.
    private static func octetsAsNumbers(_ value: JSONValue) -> JSONValue {
        guard case .object(var object) = value, let text = object["bytes"]?.text,
            let octets = ScriptInput.octets(hex: text)
        else { return value }
        object["bytes"] = .array(octets.map { .integer(Int64($0)) })
        return .object(object)
    }

    /// The examples of a file. ChirpStack's are pasted into JavaScript by its own runner, so they hold comments and hex
    /// numbers: what is not JSON is read by the sandbox.
    private static func examples(_ file: String, _ codec: PayloadCodec) async -> [[CatalogueExample]]? {
        guard let octets = CommandOutput.contents(file) else { return nil }
        var value = try? JSONValue(parsing: octets, depth: 512)
        if value == nil {
            let script = "function decodeUplink() { return (\(String(decoding: octets, as: UTF8.self))\n); }"
            let outcome = await codec.call(
                .decodeUplink,
                formatter: .javascript(script: script),
                inputJSON: Array("{}".utf8),
                as: file
            )
            value = outcome.resultJSON.flatMap { try? JSONValue(parsing: $0, depth: 512) }
        }
        guard case .array(let elements)? = value else { return nil }
        let encodes = file.split(separator: "/").last?.hasPrefix("test_encode_") == true
        return elements.enumerated().map { CatalogueExample.read($1, number: $0 + 1, encodes: encodes) }
    }
}
