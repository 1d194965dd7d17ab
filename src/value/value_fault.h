/*
 * What is wrong with a text that cannot be read as a value.
 */
#ifndef VALUE_VALUE_FAULT_H
#define VALUE_VALUE_FAULT_H

enum value_fault_code {
    VALUE_FAULT_TYPE,    /* the text is no such value */
    VALUE_FAULT_RANGE,   /* it would be one, but is outside of what can be held */
    VALUE_FAULT_ENCODING /* its bytes are no text */
};

/* Static: nobody frees it. */
struct value_fault {
    enum value_fault_code code;
    const char *text; /* for a person: "not an integer" */
};

#endif
