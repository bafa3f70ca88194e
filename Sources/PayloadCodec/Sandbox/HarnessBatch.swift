// SPDX-License-Identifier: Apache-2.0

/// The part of the harness that decodes many payloads in one entry into the virtual machine, which costs as much as a
/// decoder. Only formatters of the shared realm come here.
enum HarnessBatch {
    /// What ends a call's answer; neither JSON text nor a section holds it.
    static let end: UInt8 = 2

    static let source = #"""

        // Formatters by their slots.
        const linked = [];
        function keep(slot, formatter) { linked[slot] = formatter; }

        function word(offset) {
            return (BYTES[offset] | BYTES[offset + 1] << 8 | BYTES[offset + 2] << 16 | BYTES[offset + 3] << 24) >>> 0;
        }

        // The answers of the calls that are done; `rescue` tells them when the call after them was ended by the watchdog.
        let answers = '';
        function rescue() { return answers; }

        // Performs `count` calls whose records (operation, slot, flags, port, time, octets) begin at INPUT, fewer when one left
        // jobs behind, spoilt the realm, took long or gave much: DONE then says how many.
        function batch(count) {
            let offset = INPUT, last = now();
            const began = last;
            answers = '';
            BYTES[DONE] = 0;
            seesJobs = false;
            for (let index = 0; index < count; index++) {
                BYTES[STAGE] = 0;
                BYTES[CALL] = index;
                const size = word(offset + 15);
                const time = word(offset + 7) + (word(offset + 11) | 0) * 4294967296;
                first = offset + 19;
                offset = first + size;
                const flags = BYTES[first - 14];
                answers += decode(linked[word(first - 18)], flags, size, BYTES[first - 13], time) + '\u0002';
                BYTES[DONE] = index + 1;
                const mark = now(), spent = mark - last;
                last = mark;
                BYTES[SLOW + index] = spent > 0 && spent < 256 ? spent : spent === 0 ? 0 : 255;
                if (seesJobs || BYTES[TAINT] !== 0 || answers.length > 1048576 || !(mark - began <= 20)) break;
            }
            return answers;
        }

        // Decodes the octets at INPUT.
        function single(formatter, flags, count, port, time) {
            first = INPUT;
            return decode(formatter, flags, count, port, time);
        }
        """#
}
