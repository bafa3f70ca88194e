// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import TTNClient

/// A management command under way: its words, the bridge it speaks to, and how it answers.
struct ManagementCall: Sendable {
    let arguments: Arguments
    let access: ManagementAccess
    let channel: RequestChannel

    /// For scripts.
    var isJSON: Bool { arguments.flags.contains("--json") }
    /// Nothing is to be changed.
    var isDryRun: Bool { arguments.flags.contains("--dry-run") }

    // MARK: - Words

    /// The words that are no options, each with its name; the last may be repeated with `…` in its name.
    func words(_ names: String...) throws(UsageError) -> [String] {
        let words = arguments.positional
        guard words.count >= names.count else { throw UsageError("the \(names[words.count]) is missing") }
        guard words.count == names.count || names.last?.hasSuffix("…") == true else {
            throw UsageError("'\(words[names.count])' is one word too many")
        }
        return words
    }

    /// The value of an option that is a whole number.
    func integer(option name: String, in range: ClosedRange<Int64>) throws(UsageError) -> JSONValue? {
        guard let text = arguments.options[name] else { return nil }
        guard let number = Int64(text), range.contains(number) else {
            throw UsageError("\(name) is a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
        }
        return .integer(number)
    }

    // MARK: - Requests

    /// Asks the bridge for something that only looks.
    func ask(
        _ method: String,
        _ body: JSONObject = [:],
        of scope: RequestScope,
    ) async throws(TTNClientError) -> JSONValue {
        try await channel.request(method, body, of: scope)
    }

    /// Asks the bridge to change something; with `--dry-run` shows the request instead and returns nil.
    func change(
        _ method: String,
        _ body: JSONObject = [:],
        of scope: RequestScope,
    ) async throws(TTNClientError) -> JSONValue? {
        guard isDryRun else { return try await channel.request(method, body, of: scope) }
        let request: JSONValue = ["method": .string(method), "body": .object(body.withoutKeys)]
        answer(request) { "would ask: \(method) \(JSONValue.object(body.withoutKeys).jsonText)" }
        return nil
    }

    /// Asks before something is destroyed, unless `--yes` was given or nothing will be. False ends the command.
    func isConfirmed(_ question: String) throws(UsageError) -> Bool {
        if isDryRun { return true }
        let isConfirmed = try Confirmation.ask(question, isGiven: arguments.flags.contains("--yes"))
        if !isConfirmed { Console.complain("nothing was done") }
        return isConfirmed
    }

    // MARK: - Answers

    /// Prints a result: JSON for scripts, lines for people.
    func answer(_ json: JSONValue, _ text: () -> String) {
        let text = isJSON ? json.jsonText : text()
        if !text.isEmpty { Console.print(text) }
    }
}

extension JSONObject {
    /// The same with `***` for every key of a device, however deep.
    var withoutKeys: JSONObject {
        var shown = JSONObject()
        for member in members {
            let isKey = member.name.lowercased().hasSuffix("key") && member.value.text != nil
            shown[member.name] = isKey ? "***" : member.value.object.map { .object($0.withoutKeys) } ?? member.value
        }
        return shown
    }
}
