// SPDX-License-Identifier: Apache-2.0
// Subscribes to one ABP device, shows its frames and acks them, with the RANClient and LoRaWAN libraries alone.
//
// Build: make a package whose executable target holds this file and depends on the products RANClient and LoRaWAN of
// this repository: .package(path: "…/ran-mqtt-bridge"). Against ran-simulator it finds the devices of its scenario:
//   RAN_API_URL=http://127.0.0.1:8080/api/v1.0 RAN_API_TOKEN=demo ran-client DEVEUI DEVADDR NWKSKEY
import Glibc
import LoRaWAN
import RANClient

let arguments = CommandLine.arguments
guard arguments.count == 4, let devEUI = EUI64(hex: arguments[1]), let devAddr = DevAddr(hex: arguments[2]),
    let key = AES128Key(hex: arguments[3]), let url = getenv("RAN_API_URL"), let token = getenv("RAN_API_TOKEN")
else {
    print("usage: RAN_API_URL=… RAN_API_TOKEN=… ran-client DEVEUI DEVADDR NWKSKEY (hexadecimal digits)")
    exit(2)
}
let endpoint = try RANEndpoint(url: String(cString: url), token: RANToken(String(cString: token)))
try await withRANClient(endpoint) { ran in
    if try await ran.routingTable.select(devEUIs: [devEUI]).isEmpty {
        try await ran.routingTable.insert(devEUI: devEUI, devAddr: devAddr)
    }
    try await ran.withUpstream { upstream in
        try await upstream.waitUntilConnected()
        for await delivery in upstream {
            let message = delivery.message
            guard case .data(let frame)? = try? UplinkFrame(parsingWithoutMIC: message.payload) else {
                delivery.reject(.other, message: "only data frames are of interest")
                continue
            }
            let counter = UInt32(frame.counter)
            let mic = MIC.dataUplink10(key: key, devAddr: frame.devAddr, counter: counter, octets: message.payload)
            guard message.micChallenge.contains(mic.rawValue) else {
                delivery.reject(.micFailed)
                continue
            }
            delivery.ack(devEUI: devEUI, mic: mic.rawValue)
            print("\(frame.devAddr) frame \(counter) on \(message.radio.frequency) Hz, \(message.radio.rssi) dBm")
        }
    }
}
