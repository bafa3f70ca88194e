// SPDX-License-Identifier: Apache-2.0
import Concurrency
import Glibc
import Testing

@Suite struct SignalSourceTests {
    @Test("a caught signal arrives in the sequence and does not kill", .timeLimit(.minutes(5)))
    func signalArrives() async {
        let source = SignalSource([SIGUSR1, SIGUSR2])
        kill(getpid(), SIGUSR1)
        kill(getpid(), SIGUSR2)
        var heard: Set<Int32> = []
        for await number in source.signals {
            heard.insert(number)
            if heard.count == 2 { break }
        }
        #expect(heard == [SIGUSR1, SIGUSR2])
    }
}
