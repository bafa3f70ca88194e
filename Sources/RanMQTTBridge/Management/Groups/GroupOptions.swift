// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import TTNClient

/// Attributes of a multicast group on a command line.
enum GroupOptions {
    private static let texts = [
        "--addr": "addr", "--nwk-s-key": "nwk_s_key", "--app-s-key": "app_s_key", "--class": "class",
        "--region": "region", "--name": "name",
    ]
    private static let numbers = [
        "--frequency": "frequency", "--data-rate": "data_rate", "--ping-periodicity": "ping_periodicity",
    ]

    static let options = Set(texts.keys).union(numbers.keys).union(["--device", "--set", "--file"])

    static let help = """
          --addr ADDR             its address: 8 hexadecimal digits
          --nwk-s-key KEY         network session key: 32 hexadecimal digits
          --app-s-key KEY         application session key
          --class B|C             when its members listen
          --frequency HZ          in place of the region's, together with --data-rate
          --data-rate N           index in the region's table
          --ping-periodicity N    class B: 0 for every second to 7 for every 128 seconds
          --region NAME           such as EU868
          --device DEV            a member; repeatable, and the list replaces the former one
          --name TEXT             for people
          --set MEMBER=JSON       any other member, or null to clear one; repeatable
          --file FILE             a JSON object with members, - for standard input: keeps keys off the command
                                  line, which other users see; options win over it
        """

    /// The members of a request about a group.
    static func members(_ arguments: Arguments) throws -> JSONObject {
        var members = try DeviceOptions.given(arguments)
        for (option, member) in texts {
            if let text = arguments.options[option] { members[member] = .string(text) }
        }
        for (option, member) in numbers {
            guard let text = arguments.options[option] else { continue }
            guard let number = Int64(text) else { throw UsageError("\(option) is a whole number, not '\(text)'") }
            members[member] = .integer(number)
        }
        if let devices = arguments.all["--device"] { members["devices"] = .array(devices.map { .string($0) }) }
        return members
    }
}

extension ManagementCall {
    /// Makes or changes a group and shows it.
    func changeGroup(_ method: String) async throws -> ExitCode {
        let words = try words("application's id", "group's id")
        var body = try GroupOptions.members(arguments)
        guard !body.isEmpty else { throw UsageError("no attributes: give at least one") }
        body["group_id"] = .string(words[1])
        guard let result = try await change(method, body, of: .application(words[0])) else { return .success }
        answer(result) { ManagementTable.groups([result]) }
        return .success
    }

    /// Asks for a change whose answer tells people nothing but that it is done.
    func finish(
        _ method: String,
        _ body: JSONObject,
        _ application: String,
        _ text: String,
    ) async throws -> ExitCode {
        guard let result = try await change(method, body, of: .application(application)) else { return .success }
        answer(result) { text }
        return .success
    }
}

extension ManagementTable {
    /// One row a group.
    static func groups(_ groups: [JSONValue]) -> String {
        var table = TextTable(["group", "address", "class", "devices", "queued", "RAN", "name"])
        for group in groups {
            let members = group["devices"]?.elements?.compactMap(\.text).joined(separator: ", ")
            table.add([
                group["group_id"]?.text ?? "?", cell(group["addr"]), cell(group["class"]), members ?? "-",
                cell(group["queued"]), state(of: group), group["name"]?.text ?? "",
            ])
        }
        return table.text
    }
}
