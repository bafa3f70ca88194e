// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import RANClient

extension RANSubcommand {
    static let devicesAdd = RANSubcommand(
        name: "devices add",
        usage: "DEVEUI (--join-eui EUI | --dev-addr ADDR) [--details TEXT]",
        summary: "Adds a device to the routing table, so that its frames come here.",
        details: """
              --join-eui EUI        for a device that joins (OTAA)
              --dev-addr ADDR       for a device with a fixed address (ABP)
              --details TEXT        a note of yours, kept with the row
            """,
        example: "70b3d57ed0000001 --join-eui 70b3d57ed0f00001 --details 'roof, north'",
        options: ["--join-eui", "--dev-addr", "--details"],
        run: { call in
            let devEUI = try call.devEUIs(call.words(1...1, "the DevEUI"))[0]
            let table = call.client.routingTable
            let details = call.arguments.options["--details"]
            switch (try call.eui(option: "--join-eui"), try call.devAddr(option: "--dev-addr")) {
            case (let joinEUI?, nil):
                call.answer(try await table.insert(devEUI: devEUI, joinEUI: joinEUI, details: details))
            case (nil, let devAddr?):
                call.answer(try await table.insert(devEUI: devEUI, devAddr: devAddr, details: details))
            default: throw UsageError("a device has either --join-eui (it joins) or --dev-addr (it does not)")
            }
            return .success
        },
    )
}
