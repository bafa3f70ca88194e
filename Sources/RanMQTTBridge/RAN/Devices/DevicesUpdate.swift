// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import RANClient

extension RANSubcommand {
    static let devicesUpdate = RANSubcommand(
        name: "devices update",
        usage: "DEVEUI --join-eui EUI [--active-dev-addr ADDR] [--target-dev-addr ADDR]",
        summary: "Changes the addresses of a device that joins; at least one of them.",
        details: """
              --join-eui EUI        the JoinEUI in its row
              --active-dev-addr ADDR
                                    the address whose frames come here
              --target-dev-addr ADDR
                                    the address that becomes active with the device's first frame from it

            The address of a device added with --dev-addr cannot be changed: remove it and add it again.
            """,
        example: "70b3d57ed0000001 --join-eui 70b3d57ed0f00001 --active-dev-addr 26011a01",
        options: ["--join-eui", "--active-dev-addr", "--target-dev-addr"],
        run: { call in
            let devEUI = try call.devEUIs(call.words(1...1, "the DevEUI"))[0]
            guard let joinEUI = try call.eui(option: "--join-eui") else { throw UsageError("--join-eui is missing") }
            let active = try call.devAddr(option: "--active-dev-addr")
            let target = try call.devAddr(option: "--target-dev-addr")
            guard active != nil || target != nil else {
                throw UsageError("nothing to change: give --active-dev-addr, --target-dev-addr or both")
            }
            call.answer(
                try await call.client.routingTable.update(
                    devEUI: devEUI,
                    joinEUI: joinEUI,
                    activeDevAddr: active,
                    targetDevAddr: target,
                )
            )
            return .success
        },
    )
}
