// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import RANClient

extension RANSubcommand {
    static let groupsCreate = RANSubcommand(
        name: "groups create",
        usage: "ADDR --name NAME",
        summary: "Makes a multicast group without devices.",
        details: "  --name NAME           at most 255 characters",
        example: "01020304 --name 'street lamps'",
        options: ["--name"],
        run: { call in
            let address = try call.addresses(call.words(1...1, "the group's address"))[0]
            let name = try call.arguments.required("--name")
            let group = try await call.client.multicastGroups.create(name: name, address: address)
            call.answer(group.json, MulticastGroup.table([group]))
            return .success
        },
    )

    static let groupsUpdate = RANSubcommand(
        name: "groups update",
        usage: "ADDR [--name NAME] [--new-addr ADDR]",
        summary: "Changes a group's name, its address, or both.",
        details: """
              --name NAME           at most 255 characters
              --new-addr ADDR       the address from then on; its devices stay
            """,
        example: "01020304 --name 'lamps, north'",
        options: ["--name", "--new-addr"],
        run: { call in
            let address = try call.addresses(call.words(1...1, "the group's address"))[0]
            let name = call.arguments.options["--name"]
            let newAddress = try call.devAddr(option: "--new-addr")
            guard name != nil || newAddress != nil else {
                throw UsageError("nothing to change: give --name, --new-addr or both")
            }
            let group = try await call.client.multicastGroups.update(
                address: address,
                name: name,
                newAddress: newAddress,
            )
            call.answer(group.json, MulticastGroup.table([group]))
            return .success
        },
    )

    static let groupsDelete = RANSubcommand(
        name: "groups delete",
        usage: "ADDR… [--yes]",
        summary: "Deletes multicast groups; their devices stay in the routing table.",
        details: "Exit code 3 when one of them did not exist; the others are deleted all the same.",
        example: "01020304 --yes",
        isDestructive: true,
        run: { call in
            let addresses = Set(try call.addresses(call.words(1...Int.max, "a group's address"))).sorted()
            let what = addresses.count == 1 ? "group \(addresses[0])" : "\(addresses.count) groups"
            guard try call.isConfirmed("This deletes \(what) of \(call.access.endpoint).") else { return .failure }
            let count = try await call.client.multicastGroups.delete(addresses: addresses)
            return call.answer(removed: count, of: addresses.count, "group")
        },
    )
}
