#include "models/bau/bau.h"

unsigned bau_events(const struct bau_out *out, struct bau_event events[3])
{
	unsigned count = 0;
	if (out->arrival_valid)
		events[count++] = (struct bau_event){out->arrival_code, out->arrival_function, out->arrival_id, out->arrival_value};
	if (out->event_valid)
		events[count++] = (struct bau_event){out->event_code, out->event_function, out->event_id, out->event_value};
	if (out->fault_valid)
		events[count++] = (struct bau_event){out->fault_code, out->fault_function, out->fault_id, out->fault_value};
	return count;
}
