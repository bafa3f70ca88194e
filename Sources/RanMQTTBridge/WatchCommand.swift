// SPDX-License-Identifier: Apache-2.0
internal import Concurrency
internal import Glibc
internal import JSON
internal import MQTTShim
internal import Observability

/// `watch`: prints uplinks, joins and downlink events of a broker as readable lines.
enum WatchCommand {
    static func run(_ words: [String]) async throws(UsageError) -> ExitCode {
        let arguments = try Arguments(words, options: ["--url", "--username", "--password", "--application"])
        let url = try arguments.required("--url")
        let signals = SignalSource([SIGTERM, SIGINT])
        do throws(MQTTError) {
            var configuration = MQTTConfiguration(
                broker: try MQTTBrokerAddress(url: url),
                clientID: "ran-mqtt-bridge-watch-\(getpid())",
            )
            configuration.isCleanSession = true
            configuration.username = arguments.options["--username"]
            configuration.password = (arguments.options["--password"] ?? environment("MQTT_PASSWORD"))
                .map { MQTTPassword($0) }
            let client = try MQTTClient(
                configuration: configuration,
                delegate: WatchPrinter(),
                logger: Logger(component: "watch", sink: LogSink(level: .warning)),
                metrics: MetricRegistry(),
            )
            let application = arguments.options["--application"] ?? "+"
            try client.subscribe([
                MQTTSubscription("\(application)/devices/+/up"),
                MQTTSubscription("\(application)/devices/+/events/#"),
            ])
            client.start()
            for await _ in signals.signals { break }
            await client.stop(drain: .zero)
            return .success
        } catch {
            Console.complain(error.description)
            return .failure
        }
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}

/// Turns messages into lines on the client's thread: there is nothing else for it to do.
private struct WatchPrinter: MQTTClientDelegate {
    func didComplete(_ completions: [MQTTCompletion]) {}

    func stateChanged(_ state: MQTTState) {}

    func didReceive(_ messages: [MQTTInboundMessage]) -> DurabilityGate? {
        for message in messages {
            if let line = WatchLine.text(topic: message.topic, payload: message.payload) { Console.print(line) }
        }
        return nil
    }
}
