// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN
internal import RANClient

extension RANSubcommand {
    static let devicesRemove = RANSubcommand(
        name: "devices remove",
        usage: "DEVEUI… [--yes]",
        summary: "Removes devices from the routing table: their frames come here no more.",
        details: "Exit code 3 when one of them was not in the table; the others are removed all the same.",
        example: "70b3d57ed0000001 70b3d57ed0000002 --yes",
        isDestructive: true,
        run: { call in
            let devEUIs = Set(try call.devEUIs(call.words(1...Int.max, "a DevEUI"))).sorted()
            let what = devEUIs.count == 1 ? "device \(devEUIs[0])" : "\(devEUIs.count) devices"
            let question = "This removes \(what) from the routing table of \(call.access.endpoint)."
            guard try call.isConfirmed(question) else { return .failure }
            let count = try await call.client.routingTable.delete(devEUIs: devEUIs)
            return call.answer(removed: count, of: devEUIs.count, "device")
        },
    )

    static let devicesRemoveAll = RANSubcommand(
        name: "devices remove-all",
        usage: "[--yes]",
        summary: "Empties the routing table, whoever filled it: no frame comes here any more.",
        example: "--yes",
        isDestructive: true,
        run: { call in
            _ = try call.words(0...0, "")
            let rows = call.arguments.flags.contains("--yes") ? [] : try await call.client.routingTable.select()
            let question = "This empties the routing table of \(call.access.endpoint): \(rows.count) rows."
            guard try call.isConfirmed(question) else { return .failure }
            let count = try await call.client.routingTable.deleteAll()
            return call.answer(removed: count, of: count, "device")
        },
    )
}

extension RANCall {
    /// Tells how many of what was named were removed.
    func answer(removed count: Int, of named: Int, _ noun: String) -> ExitCode {
        answer(["removed": .integer(Int64(count))], "\(count) \(noun)\(count == 1 ? "" : "s") removed")
        guard count < named else { return .success }
        Console.complain("\(named - count) of the \(named) named were not there")
        return .notFound
    }
}
