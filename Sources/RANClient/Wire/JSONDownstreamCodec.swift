// SPDX-License-Identifier: Apache-2.0
internal import JSON
internal import LoRaWAN

/// Downstream requests and their answers as JSON, revision 1.
struct JSONDownstreamCodec: DownstreamCodec {
    private let parser: StreamParser
    private let deadlineForm: DeadlineForm
    private var writer = JSONWriter(capacity: 2048)

    init(maximumMessageBytes: Int, deadlineForm: DeadlineForm) {
        parser = StreamParser(maximumMessageBytes: maximumMessageBytes)
        self.deadlineForm = deadlineForm
    }

    func decode(_ frame: UnsafeRawBufferPointer) -> Decoded<DownstreamAnswer> {
        parser.downstreamAnswer(frame)
    }

    mutating func encode(_ request: DownstreamRequest, into outgoing: inout OutgoingFrames) {
        let deadlineForm = deadlineForm
        writer.removeAll()
        writer.object { json in
            json.member("ProtocolVersion", 1)
            json.member("TransactionID", request.transactionID)
            switch request.target {
            case .device(let devEUI, let targetDevAddr):
                json.member("DevEUI", devEUI.rawValue)
                if let targetDevAddr { json.member("TargetDevAddr", targetDevAddr.rawValue) }
            case .multicast(let address):
                json.member("Addr", address.rawValue)
            }
            json.name("TxWindow")
            json.window(request.window, deadlineForm)
            json.name("PHYPayload")
            json.array { json in for octet in request.payload { json.integer(octet) } }
        }
        outgoing.append(writer.bytes)
    }
}

extension JSONWriter {
    fileprivate mutating func window(_ window: TransmissionWindow, _ deadlineForm: DeadlineForm) {
        object { json in
            json.name("Radio")
            json.object { json in
                json.member("Frequency", window.frequency)
                json.modulation(window.modulation)
            }
            switch window.timing {
            case .delay(let delay): json.member("Delay", delay.seconds)
            case .gps(let times):
                json.name("TMMS")
                json.array { json in for time in times.milliseconds { json.integer(time) } }
            case .deadline(let deadline): json.member("Deadline", deadlineForm.number(for: deadline))
            }
        }
    }

    private mutating func modulation(_ modulation: Modulation) {
        switch modulation {
        case .lora(let spreading, let bandwidth):
            name("LoRa")
            object { json in
                json.member("Spreading", spreading)
                json.member("Bandwidth", bandwidth)
            }
        case .fsk(let deviation, let bitRate):
            name("FSK")
            object { json in
                json.member("FrequencyDeviation", deviation)
                json.member("BitRate", bitRate)
            }
        case .fhss(let occupiedWidth, let codingRate):
            name("FHSS")
            object { json in
                json.member("Ocw", occupiedWidth)
                json.member("CodingRate", codingRate)
            }
        }
    }
}
