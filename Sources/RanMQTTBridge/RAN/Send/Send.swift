// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN
internal import RANClient

extension RANSubcommand {
    static let send = RANSubcommand(
        name: "send",
        usage:
            "(DEVEUI | --group ADDR) --payload HEX --frequency MHZ --rate RATE (--delay S | --gps-ms T,… | --deadline WHEN)",
        summary: "Sends one frame and waits for what becomes of it.",
        details: """
              --group ADDR          to a multicast group in place of a device
              --payload HEX         the whole frame, encrypted and with its MIC (PHYPayload)
              --frequency MHZ       with a point megahertz, without one hertz
              --rate RATE           SF12BW125, FSK50000 (bits a second; deviation 25 kHz), FSK50000/30000
              --delay S             1 to 15 s after the device's last acked frame (class A)
              --gps-ms T,…          1 to 8 times in milliseconds of GPS time (class B)
              --deadline WHEN       now, or the latest time, as 2026-05-30T10:06:44Z (class C)
              --target-dev-addr ADDR
                                    the address that a join accept gives
              --deadline-form FORM  how a deadline is written: now_as_1 (default), unix_ms or unix_s
              --timeout S           how long to wait for ack and result (default 30)

            Exit code 5 when the RAN took the frame and could not send it, or to a device of the group. After a time-out
            or a broken connection (69) it may have been sent: nothing is sent twice by itself.
            """,
        example:
            "70b3d57ed0000001 --payload 60011a012600000001d5ab9d2f --frequency 869.525 --rate SF12BW125 --deadline now",
        options: SendOptions.names,
        run: { call in
            let send = try SendOptions(call)
            var options = DownstreamOptions()
            options.deadlineForm = send.deadlineForm
            options.ackTimeout = send.timeout
            options.resultTimeout = send.timeout
            let outcome = try await call.client.withDownstream(options: options) { downstream throws(RANError) in
                try await downstream.waitUntilConnected(isPatient: false)
                return try await downstream.sendAndWait(to: send.target, window: send.window, payload: send.payload)
            }
            call.answer(outcome.json, outcome.table)
            return outcome.isSuccess ? .success : .notSent
        },
    )
}

extension DownstreamOutcome {
    /// For scripts.
    fileprivate var json: JSONValue {
        var json: JSONObject = [
            "transaction_id": .unsigned(transactionID),
            "mailbox_id": mailboxID.map { .unsigned($0) } ?? .null,
        ]
        switch result {
        case .single(let code, let message):
            json["result"] = .string(code.rawValue)
            json["message"] = .string(message)
        case .multicast(let results):
            json["results"] = .array(
                results.map { result in
                    [
                        "dev_eui": .string(result.devEUI.hex), "result": .string(result.code.rawValue),
                        "message": .string(result.message),
                    ]
                }
            )
        }
        return .object(json)
    }

    /// For people: one row, or one a device of the group.
    fileprivate var table: String {
        var table = TextTable(["transaction", "mailbox", "device", "result", "message"])
        let mailbox = mailboxID.map(String.init) ?? "-"
        switch result {
        case .single(let code, let message):
            table.add([String(transactionID), mailbox, "-", code.rawValue, message])
        case .multicast(let results):
            for result in results {
                table.add([
                    String(transactionID), mailbox, result.devEUI.hex, result.code.rawValue, result.message,
                ])
            }
        }
        return table.text
    }
}
