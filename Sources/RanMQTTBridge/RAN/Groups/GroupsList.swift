// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN
internal import RANClient

extension RANSubcommand {
    static let groupsList = RANSubcommand(
        name: "groups list",
        usage: "[ADDR…]",
        summary: "Shows all multicast groups with their devices, or those of the addresses named.",
        details: "Exit code 3 when a group that was named does not exist. --json names every device of a group.",
        example: "01020304 --json",
        run: { call in
            let named = try call.addresses(call.arguments.positional)
            let groups = try await call.client.multicastGroups.get(addresses: named.isEmpty ? nil : named)
            call.answer(.array(groups.map(\.json)), MulticastGroup.table(groups))
            let missing = Set(named).subtracting(groups.map(\.address))
            guard !missing.isEmpty else { return .success }
            Console.complain("no group has the address \(missing.sorted().map(\.hex).joined(separator: ", "))")
            return .notFound
        },
    )
}
