/* SPDX-License-Identifier: MIT */
/* The program that a room is linked into whole, to show that it calls nothing above it. */

int main(void)
{
    return 0;
}
