/*
 * The directed-interrupt protocol of rtl/bau/README.md: one target (vCPU), two harts, one device with two vectors that lie in
 * different words of the signal vector. README.md of this directory says what each process stands for.
 *
 * Messages and preemptions are bounded, every process waits without polling: each run must come to rest (no cycle at all), and
 * at rest nothing may be left over. Both together say that every bit is handled without the help of a later message or move.
 *
 * Accesses to memory and registers are interleaved one by one; memory is sequentially consistent.
 */
#ifndef MESSAGES
#define MESSAGES 3
#endif
#ifndef PREEMPTIONS
#define PREEMPTIONS 2
#endif

#ifndef HARTS
#define HARTS 3			/* whose SUBCLASS_MASK has the subclass */
#endif

#define NOT_RUNNING 2		/* word 0 of the interrupt-table entry: RUNNING and LPID, or this */
#define NOBODY 0		/* RUNNING of a receiver, and the holder of the target */
#define TARGET 1
#define NEIGHBOUR 2		/* another vCPU, which has no device */
#define FREE 2			/* no hart holds the target */

/* Memory */
byte ite_word0 = NOT_RUNNING;
bool ite_blocked;
bool vector[2];
bool summary;

/* Registers of the BAU and of the harts' receivers */
byte running[2];
bool hgeip[2];
bool notify[2];
bool unblock[2];

/* The hypervisor's own state of the target, under its lock */
byte holder = FREE;
bool runnable = true;
byte preemptions;

/* The guest's program counter moves with the target. */
mtype = { MAIN, SWAP_0, SWAP_1, UNBLOCK };
mtype guest = MAIN;

chan link = [0] of { bit };

active proctype device() {
	byte sent;
	do
	:: sent < MESSAGES -> if :: link!0 :: link!1 fi; sent++
	:: sent == MESSAGES -> break
	od
}

inline look_at_vector(found) {
	found = vector[0];
	found = found || vector[1]
}

/* Step 5: comparison and hgeip are one cycle of the receiver. */
inline receiver_compare(hart, matched) {
	atomic {
		matched = (running[hart] == TARGET);
		if
		:: matched -> hgeip[hart] = true
		:: else
		fi
	}
}

inline broadcast() {
	summary = true;
	d_step { notify[0] = notify[0] || (HARTS & 1); notify[1] = notify[1] || (HARTS & 2) }
}

inline block(was) {
	d_step { was = ite_blocked; ite_blocked = true }
}

/* Steps 5 and 6 */
inline signal() {
	receiver_compare(copy, matched);
	if
	:: !matched -> broadcast()
#ifdef NO_REREAD
	:: else
#else
	:: matched && ite_word0 == copy
	:: matched && ite_word0 != copy -> broadcast()
#endif
	fi
}

/* Steps 4 to 6; `forced`: a message may be broadcast although the target runs (FORCE_BROADCAST, or DIRECT = 0). */
inline decide(forced) {
	if
	:: copy != NOT_RUNNING ->
		block(was_blocked);
		if
		:: was_blocked
		:: else -> signal()
		fi
	:: forced || copy == NOT_RUNNING -> broadcast()
	fi
}

/* The engine keeps nothing from one message or unblock to the next; unused values only multiply the states. */
inline forget() {
	d_step { number = 0; copy = 0; was_blocked = false; matched = false; found = false }
}

active proctype engine() {
	bit number;
	byte copy;
	bool was_blocked, matched, found;
	byte from;

end_rest:
	do
	:: link?number ->
		copy = ite_word0;
#ifdef CHECK_BEFORE_SET
		decide(true);
		vector[number] = true;
#else
		vector[number] = true;
		decide(true);
#endif
		forget()
	:: unblock[0] || unblock[1] ->
		d_step { from = (unblock[0] -> 0 : 1); unblock[from] = false; from = 0 }
		ite_blocked = false;
#ifndef NO_RESCAN
		copy = ite_word0;
#ifdef ALWAYS_SIGNAL
		found = true;
#else
		look_at_vector(found);
#endif
		if
		:: found -> decide(false)
		:: else
		fi;
#endif
		forget()
	od
}

/* RAISE is ignored while the receiver is not valid. */
inline raise(hart) {
	d_step { hgeip[hart] = hgeip[hart] || running[hart] != NOBODY }
}

/* What the hypervisor of one hart does; `sleeps` is true if the guest waits for an interrupt. */
inline schedule_in() {
#ifdef BUSY_HARTS
	d_step { running[self] = NOBODY; hgeip[self] = false }	/* the neighbour leaves */
#endif
	running[self] = TARGET;
	ite_word0 = self;
	look_at_vector(found);
	if
	:: found -> raise(self); found = false
	:: else
	fi
}

inline schedule_out(sleeps) {
	ite_word0 = NOT_RUNNING;
#ifdef EARLY_LOOK
	look_at_vector(found);
#endif
	running[self] = NOBODY;
	hgeip[self] = false;
#ifndef EARLY_LOOK
	look_at_vector(found);
#endif
	d_step { runnable = runnable || found || !sleeps; holder = FREE; found = false }
#ifdef BUSY_HARTS
	running[self] = NEIGHBOUR
#endif
}

inline serve_broadcast() {
	notify[self] = false;
	d_step { found = summary; summary = false }
	if
	:: found ->
		where = ite_word0;
		if
		:: where == NOT_RUNNING -> runnable = true
		:: else -> raise(where)
		fi
	:: else
	fi
	d_step { where = 0; found = false }
}

proctype hart(bit self) {
	bool found;
	byte where;

end_wait:
	do
	:: notify[self] -> serve_broadcast()
	:: atomic { runnable && holder == FREE -> runnable = false; holder = self }
		schedule_in()
	:: atomic { holder == self && preemptions < PREEMPTIONS -> preemptions++ }
		schedule_out(false)
	:: holder == self && guest == MAIN && !hgeip[self] -> schedule_out(true)	/* WFI */
	:: atomic { holder == self && guest == MAIN && hgeip[self] -> hgeip[self] = false; guest = SWAP_0 }	/* ACK */
	:: atomic { holder == self && guest == SWAP_0 -> vector[0] = false; guest = SWAP_1 }
	:: atomic { holder == self && guest == SWAP_1 -> vector[1] = false; guest = UNBLOCK }
	:: atomic { holder == self && guest == UNBLOCK -> unblock[self] = true; guest = MAIN }
#ifdef BUSY_HARTS
	:: atomic { running[self] == NEIGHBOUR && hgeip[self] -> hgeip[self] = false }
#endif
	od
}

/* At rest all is as at the start, so what holds for MESSAGES messages holds for each later group of them. */
active proctype at_rest() {
end_watch:
	timeout ->
	assert(!vector[0] && !vector[1]);
	assert(!ite_blocked);
	assert(!summary && guest == MAIN && !runnable)
}

init {
	atomic { run hart(0); run hart(1) }
}
