// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import TTNClient

/// Attributes of a multicast group on a command line.
enum GroupOptions {
    private static let all = [
        "--addr": "addr", "--nwk-s-key": "nwk_s_key", "--app-s-key": "app_s_key", "--class": "class",
        "--region": "region", "--coverage": "coverage", "--description": "description",
    ]

    static let options = Set(all.keys).union(["--set", "--file"])

    static let help = """
          --addr ADDR             its address: 8 hexadecimal digits
          --nwk-s-key KEY         network session key: 32 hexadecimal digits
          --app-s-key KEY         application session key
          --class B|C             when its members listen
          --region NAME           such as EU868
          --coverage NAME         the RAN coverage its members are under
          --description TEXT      for people
          --set MEMBER=JSON       any other member, such as frequency or data_rate; repeatable
          --file FILE             a JSON object with members, - for standard input: keeps keys off the command
                                  line, which other users see; options win over it
        """

    /// The members of a request about a group.
    static func members(_ arguments: Arguments) throws -> JSONObject {
        var members = try DeviceOptions.given(arguments)
        for (option, member) in all {
            if let text = arguments.options[option] { members[member] = .string(text) }
        }
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
        var table = TextTable(["group", "address", "class", "devices", "RAN", "description"])
        for group in groups {
            let members = group["devices"]?.elements?.compactMap(\.text).joined(separator: ", ")
            table.add([
                group["group_id"]?.text ?? "?", cell(group["addr"]), cell(group["class"]), members ?? "-",
                state(of: group), group["description"]?.text ?? "",
            ])
        }
        return table.text
    }
}
