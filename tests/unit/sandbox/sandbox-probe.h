/* SPDX-License-Identifier: MIT */
/* The program that test-sandbox runs in the sandbox: attacks, and a view of itself. */
#pragma once

/* Tries one attack, "NAME" or "NAME:ARGUMENT", in this very process. 0: it succeeded; else the
 * errno with which it was refused. All are harmless where they succeed. */
int probe_attack(const char *attack);
/* The program inside: "attack A B …" prints each with its result; others see the code. */
int probe_main(int argc, char **argv);
