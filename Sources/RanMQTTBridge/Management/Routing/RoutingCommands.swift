// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import TTNClient

extension ManagementSubcommand {
    static let ranStatus = ManagementSubcommand(
        name: "ran status",
        usage: "",
        summary: "Shows the coverages of a running bridge: their connections and how far their routing tables are.",
        example: "--json",
        run: { call in
            _ = try call.words()
            let result = try await call.ask("coverages", of: .administration)
            call.answer(result) { ManagementTable.coverages(result["coverages"]?.elements ?? []) }
            return .success
        },
    )

    static let ranPlan = ManagementSubcommand(
        name: "ran plan",
        usage: "[--coverage NAME]",
        summary: "Shows what the bridge would insert, update and drop in the RAN's routing table, and does nothing.",
        details: "  --coverage NAME       which of the bridge's coverages; needed when there are several",
        example: "--coverage eu",
        options: ["--coverage"],
        run: { call in
            _ = try call.words()
            let result = try await call.ask("ran_plan", call.coverage, of: .administration)
            call.answer(result) { ManagementTable.members(of: result) }
            return .success
        },
    )

    static let ranApply = ManagementSubcommand(
        name: "ran apply",
        usage: "[--coverage NAME] [--yes]",
        summary: "Confirms what `ran plan` shows, drops of a large part of the table included.",
        details: "  --coverage NAME       which of the bridge's coverages; needed when there are several",
        example: "--coverage eu --yes",
        options: ["--coverage"],
        effect: .destroys,
        run: { call in
            _ = try call.words()
            let plan = try await call.ask("ran_plan", call.coverage, of: .administration)
            let drops = plan["drop_count"]?.wholeNumber ?? 0
            let question =
                "This drops \(drops) of \(plan["table"]?.wholeNumber ?? 0) rows and inserts "
                + "\(plan["insert_count"]?.wholeNumber ?? 0)."
            guard try call.isConfirmed(question) else { return .failure }
            var body = call.coverage
            // What was shown is what is done: a plan that has changed meanwhile is refused.
            body["plan"] = plan["plan"]
            guard let result = try await call.change("ran_apply", body, of: .administration) else { return .success }
            call.answer(result) { "confirmed; `ran status` shows how far it is" }
            return .success
        },
    )
}

extension ManagementCall {
    /// The body that names a coverage, if one is named.
    fileprivate var coverage: JSONObject {
        var body = JSONObject()
        body["coverage"] = arguments.options["--coverage"].map { .string($0) }
        return body
    }
}

extension ManagementTable {
    /// One row a coverage.
    static func coverages(_ coverages: [JSONValue]) -> String {
        var table = TextTable([
            "coverage", "region", "upstream", "downstream", "in effect", "pending", "refused", "error",
        ])
        for coverage in coverages {
            let routes = coverage["routing_table"]
            let upstream = coverage["upstream"]
            table.add([
                cell(coverage["name"]), cell(coverage["region"]),
                "\(cell(upstream?["connected"]))/\(cell(upstream?["wanted"]))", cell(coverage["downstream"]),
                cell(routes?["in_effect"]), cell(routes?["pending"]), cell(routes?["refused"]), cell(routes?["error"]),
            ])
        }
        return table.text
    }
}
