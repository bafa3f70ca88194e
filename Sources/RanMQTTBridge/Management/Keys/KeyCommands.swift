// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import TTNClient

extension ManagementSubcommand {
    static let keyList = ManagementSubcommand(
        name: "key list",
        usage: "APP",
        summary: "Shows an application's access keys and their rights; never the keys themselves.",
        example: "meters",
        run: { call in
            let application = try call.words("application's id")[0]
            let result = try await call.ask("access_keys", ["app_id": .string(application)], of: .administration)
            call.answer(result) {
                ManagementTable.keys(result["access_keys"]?.elements ?? result.elements ?? [], of: application)
            }
            return .success
        },
    )

    static let keyAdd = ManagementSubcommand(
        name: "key add",
        usage: "APP NAME --rights RIGHT,…",
        summary: "Makes an access key and shows it, this once only.",
        details: """
              --rights RIGHT,…      messages:up:r, messages:down:w, devices, devices:keys, settings

            The key named default logs in as the application's id, every other as that, / and its name.
            """,
        example: "meters dashboard --rights messages:up:r,messages:down:w",
        options: ["--rights"],
        effect: .changes,
        run: { call in
            let words = try call.words("application's id", "key's name")
            let rights = try call.arguments.required("--rights").split(separator: ",").map(String.init)
            let body: JSONObject = [
                "app_id": .string(words[0]), "name": .string(words[1]),
                "rights": .array(rights.map { .string($0) }),
            ]
            guard let result = try await call.change("add_access_key", body, of: .administration) else {
                return .success
            }
            let user = result["username"]?.text ?? (words[1] == "default" ? words[0] : "\(words[0])/\(words[1])")
            call.answer(result) { "user  \(user)\nkey   \(result["key"]?.text ?? "?")\n\nIt is not shown again." }
            return .success
        },
    )

    static let keyRemove = ManagementSubcommand(
        name: "key remove",
        usage: "APP NAME [--yes]",
        summary: "Removes an access key: who uses it is disconnected.",
        example: "meters dashboard --yes",
        effect: .destroys,
        run: { call in
            let words = try call.words("application's id", "key's name")
            let question = "This removes key \(words[1]) of application \(words[0]): who uses it is disconnected."
            guard try call.isConfirmed(question) else { return .failure }
            let body: JSONObject = ["app_id": .string(words[0]), "name": .string(words[1])]
            guard let result = try await call.change("remove_access_key", body, of: .administration) else {
                return .success
            }
            call.answer(result) { "key \(words[1]) is removed" }
            return .success
        },
    )
}

extension ManagementTable {
    /// One row an access key.
    static func keys(_ keys: [JSONValue], of application: String) -> String {
        var table = TextTable(["key", "user", "rights"])
        for key in keys {
            let name = key["name"]?.text ?? "?"
            table.add([
                name, name == "default" ? application : "\(application)/\(name)",
                (key["rights"]?.elements ?? []).compactMap(\.text).joined(separator: ", "),
            ])
        }
        return table.text
    }
}
