// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN
internal import RANClient

extension RANSubcommand {
    static let devicesList = RANSubcommand(
        name: "devices list",
        usage: "[DEVEUI…] [--offset N] [--limit N]",
        summary: "Shows the routing table, or the rows of the devices named.",
        details: """
              --offset N            leave out that many rows
              --limit N             show at most that many; all without it

            Exit code 3 when a device that was named is not in the table.
            """,
        example: "70b3d57ed0000001 --json",
        options: ["--offset", "--limit"],
        run: { call in
            let named = try call.devEUIs(call.arguments.positional)
            let entries = try await call.client.routingTable.select(
                devEUIs: named.isEmpty ? nil : named,
                offset: call.integer(option: "--offset", in: 0...Int.max) ?? 0,
                limit: call.integer(option: "--limit", in: 0...Int.max),
            )
            call.answer(.array(entries.map(\.json)), RoutingEntry.table(entries))
            let isPart = call.arguments.options["--offset"] != nil || call.arguments.options["--limit"] != nil
            let missing = isPart ? [] : Set(named).subtracting(entries.map(\.devEUI))
            guard !missing.isEmpty else { return .success }
            Console.complain("not in the routing table: \(missing.sorted().map(\.hex).joined(separator: ", "))")
            return .notFound
        },
    )
}
