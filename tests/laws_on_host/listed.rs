//! The tests that do not hold on the host, and why: each is seen to fail there ([`verdict`]).
//!
//! [`verdict`]: crate::verdict

/// Why a test cannot hold on the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    /// A difference that the README's table names, in these words.
    Row(&'static str),
    /// It looks into the kernel's own ring, where nothing lies of what the host holds.
    Ring,
    /// It counts places in the kernel's own table of channels: each opening of an object of the
    /// host takes one, and a connection none before it is accepted.
    Table,
    /// It expects a name of the host among the names of tasks: with its scheme it is another one.
    Names,
    /// A pipe that was made beforehand stays in the kernel until it is unlinked; the host's goes
    /// when both its sides have been opened and closed again.
    Kept,
    /// What comes of it depends on the user's rights, and so it is not run there.
    NotRun(&'static str),
}

use Why::{Kept, Names, NotRun, Ring, Row, Table};

/// Those who wait are woken and served otherwise.
const LINES: Why = Row("each opening of a name is a line of its own");
const SWITCH: Why = Row("what a call changes outside is heard of before the next dispatch");
const GRAPH: Why = Row("a task that waits for a device is never in a deadlock");

/// In a pipe, what the test calls a byte is a page, if they are few.
const WHOLE: Why = Row("writes of up to 4096 bytes are whole, not of up to 512");
const PAGES: Why = Row("room in a pipe is counted in pages");
const SIZES: Why = Row("the sizes of sockets are the system's, whatever they are made with");

const NO_END: Why = Row("a message queue has no end of file");
const NO_NOTICE: Why = Row("nobody is told that a queue is no longer empty");
const ANYONE: Why = Row("the host knows no tasks: nobody can be named");

pub(crate) const LISTED: &[(Why, &[&str])] = &[
    (
        LINES,
        &[
            "queue::law_41_the_first_of_those_who_wait_gets_the_free_place",
            "stream::law_47_a_client_who_gives_up_lets_the_next_one_in",
            "stream::law_47_the_first_of_the_clients_who_wait_gets_the_free_place",
            "tasks::law_17_a_change_of_priority_re_sorts_the_line_of_a_pipe",
            "waiting::law_04_a_woken_task_tests_again_and_keeps_its_place",
            "waiting::law_04_a_woken_task_that_dies_passes_the_wake_on",
            "waiting::law_05_a_late_comer_of_equal_or_lower_priority_takes_no_byte_that_another_was_woken_for",
            "waiting::law_05_a_late_comer_of_equal_or_lower_priority_takes_no_room_that_another_was_woken_for",
            "waiting::law_05_readers_are_served_by_priority_and_then_in_the_order_of_their_coming",
        ],
    ),
    (
        SWITCH,
        &[
            "death::law_19_first_the_handles_are_closed_then_the_callers_released_and_the_killer_is_named",
            "poll::law_59_whatever_comes_first_of_all_that_is_polled_wakes",
            "tasks::law_15_a_call_that_wakes_a_more_urgent_task_is_followed_by_a_switch",
            "tasks::law_19_first_the_handles_are_closed_then_the_peers_released_then_the_name_is_free",
        ],
    ),
    (
        GRAPH,
        &[
            "tasks::law_18_a_circle_is_found_through_any_of_those_who_could_act",
            "tasks::law_18_a_deadlock_ends_the_run_and_names_tasks_objects_and_directions",
            "tasks::law_18_a_poll_waits_until_one_of_those_acts_who_can",
            "tasks::law_18_a_server_without_clients_waits_for_someone_and_in_no_circle",
        ],
    ),
    (
        WHOLE,
        &[
            "pipe::law_31_a_pipe_smaller_than_pipe_buf_is_all_or_nothing_up_to_its_capacity",
            "pipe::law_31_the_border_is_the_capacity_below_pipe_buf_and_pipe_buf_above",
            "pipe::law_37_error_without_a_read_end",
            "tasks::law_17_whoever_comes_to_the_head_of_a_line_that_can_be_served_is_woken",
            "tasks::law_19_nothing_half_sent_is_delivered",
            "waiting::law_02_a_write_wakes_a_reader_and_a_read_wakes_a_writer",
            "waiting::law_02_the_cancellation_of_the_first_in_line_wakes_the_next",
            "waiting::law_02_the_death_of_the_first_in_line_wakes_the_next",
            "waiting::law_02_the_time_out_of_the_first_in_line_wakes_the_next",
            "waiting::law_04_a_woken_task_that_times_out_passes_the_wake_on",
            "waiting::law_05_a_small_write_does_not_overtake_a_large_one_that_waits",
        ],
    ),
    (
        PAGES,
        &[
            "pipe::law_31_a_blocking_short_write_waits_until_all_of_it_fits",
            "pipe::law_31_trying_a_short_write_is_all_or_nothing",
            "pipe::law_32_a_long_write_goes_on_with_the_first_free_byte",
            "pipe::law_32_trying_a_long_write_puts_in_what_fits",
            "pipe::law_35_a_write_whose_last_reader_leaves_returns_the_count_so_far",
            "pipe::law_37_ready_to_write_with_room_for_all_that_is_atomic",
            "pipe::law_38_all_bytes_of_the_ring_are_usable_whatever_its_capacity",
        ],
    ),
    (
        SIZES,
        &[
            "corners::law_02_a_connect_to_a_peer_with_room_wakes_who_waits_to_send",
            "corners::law_06_a_send_to_a_name_ends_when_the_task_closes_its_socket",
            "corners::law_11_the_first_deadline_survives_a_move",
            "datagram::law_55_a_full_socket_lets_its_senders_wait_in_four_ways",
            "datagram::law_55_taking_one_message_wakes_the_first_of_the_senders",
            "datagram::law_55_the_refusal_is_the_answer_to_the_send_that_waited_and_to_no_other",
            "datagram::law_55_those_who_wait_are_refused_when_the_receiver_closes_or_dies",
            "datagram::law_56_too_long_is_said_at_once_whatever_the_state_of_the_queue",
            "datagram::law_57_a_peer_that_closes_refuses_the_send_that_waits",
            "datagram::law_57_who_polls_a_socket_hears_of_the_peer_that_it_has_now",
            "datagram::law_58_each_side_has_its_own_limit_and_short_buffers_are_told",
            "datagram::law_58_it_is_closed_and_shut_down_as_a_stream_is",
            "datagram::law_58_its_senders_and_receivers_wait_in_four_ways",
            "death::law_19_nothing_half_sent_comes_out_of_a_stream",
            "death::law_19_the_peer_of_its_stream_that_waits_for_room_gets_a_broken_pipe",
            "death::law_19_whoever_is_connected_to_its_datagram_socket_is_refused_and_keeps_what_it_sent",
            "death::law_19_whoever_polls_its_objects_is_told",
            "death::law_19_whoever_sends_to_its_datagram_socket_is_refused",
            "poll::law_60_a_datagram_socket_is_ready_when_a_call_would_not_wait",
            "poll::law_60_a_sequenced_socket_is_ready_when_a_call_would_not_wait",
            "poll::law_60_a_stream_is_ready_when_a_call_would_not_wait",
            "poll::law_60_room_in_the_ring_of_the_peer_wakes_who_polls_to_write",
            "poll::law_60_the_end_of_a_datagram_socket_is_an_event_for_those_who_poll_to_send_to_it",
            "poll::law_60_to_connect_a_datagram_socket_anew_is_an_event_for_those_who_poll_it",
            "several::law_06_a_send_follows_its_socket_to_another_peer_and_is_in_no_line_afterwards",
            "stream::law_47_a_backlog_of_none_or_of_more_than_a_ring_holds_is_a_bad_argument",
            "stream::law_48_data_flows_before_the_connection_is_accepted",
            "stream::law_49_closing_a_listener_resets_the_connections_that_nobody_has_accepted",
            "stream::law_50_a_short_write_is_whole_and_a_long_one_goes_in_as_room_comes",
            "stream::law_50_a_write_whose_reader_leaves_returns_the_count_so_far",
            "stream::law_50_after_a_shutdown_to_read_the_peers_write_is_a_broken_pipe",
            "stream::law_50_each_direction_is_a_pipe_of_its_own",
            "stream::law_50_readiness_is_that_of_the_two_directions",
            "stream::law_51_closing_breaks_the_write_that_waits_for_room",
        ],
    ),
    (
        Row("the system says how many messages a queue may hold"),
        &[
            "queue::law_39_a_queue_that_no_ring_can_hold_is_not_made",
            "queue::law_42_a_queue_of_empty_messages_needs_no_buffer",
        ],
    ),
    (
        Row("a message queue outlives its last handle"),
        &["queue::law_43_a_queue_lives_until_its_last_handle_closes"],
    ),
    (
        NO_END,
        &[
            "death::law_19_whoever_receives_from_its_queue_gets_its_messages_and_then_the_end_of_file",
            "poll::law_60_a_queue_is_ready_when_a_call_would_not_wait",
            "queue::law_44_a_queue_is_not_at_its_end_before_the_first_sender_nor_when_one_comes_again",
            "queue::law_44_end_of_file_comes_after_the_messages_and_stays",
            "queue::law_44_the_last_sender_to_close_wakes_every_receiver",
            "queue::law_44_workers_stop_at_the_end_of_file_and_have_done_every_item_once",
            "rights::law_64_an_end_of_a_queue_is_given_like_any_other",
        ],
    ),
    (
        NO_NOTICE,
        &[
            "queue::law_13_a_notice_is_waited_for_in_four_ways",
            "queue::law_43_closing_a_queue_wakes_the_one_who_waits_for_its_notice",
            "queue::law_45_a_second_who_asks_is_told_that_it_is_busy",
            "queue::law_45_another_one_may_ask_when_the_first_gives_up_or_dies",
            "queue::law_45_nobody_is_told_while_a_receiver_waits",
            "queue::law_45_one_is_told_when_a_queue_is_no_longer_empty",
        ],
    ),
    (
        Row("no message says which task sent it"),
        &[
            "datagram::law_54_the_receiver_also_learns_which_task_sent_it",
            "queue::law_40_the_receiver_learns_how_urgent_it_was_and_who_sent_it",
        ],
    ),
    (
        Row("a datagram's sender has the name that it has when the datagram is received"),
        &["datagram::law_54_a_socket_without_a_name_cannot_be_answered"],
    ),
    (
        Row("who connects anew, or is refused by a peer that is gone"),
        &["datagram::law_57_a_peer_that_has_closed_refuses_and_an_absent_name_is_none"],
    ),
    (
        Row("a stream that was shut down stays writable instead of having an error"),
        &["poll::law_60_a_reset_is_an_event_of_reading"],
    ),
    (
        Row("a socket that is connected takes one place in what a task can wait for"),
        &["poll::law_61_a_task_waits_for_so_many_things_and_no_more"],
    ),
    (
        Row("an end that was opened to read and to write is a writer until it is closed"),
        &["rights::law_64_a_task_can_give_up_a_right_of_its_own"],
    ),
    (
        ANYONE,
        &[
            "rights::law_65_a_later_task_of_the_same_name_is_another_one",
            "rights::law_65_a_list_that_cannot_be_kept_makes_nothing",
            "rights::law_65_a_refusal_leaves_no_trace",
            "rights::law_65_it_does_not_matter_in_which_order_the_creator_says_it",
            "rights::law_65_only_those_whom_its_binder_names_can_reach_a_socket",
            "rights::law_65_only_those_whom_the_creator_names_can_open_it",
            "rights::law_65_whoever_was_given_a_handle_need_not_open",
        ],
    ),
    (
        Ring,
        &[
            "handles::a_write_that_nobody_can_read_leaves_the_pipe_as_it_was",
            "pipe::law_35_a_write_without_a_read_end_is_a_broken_pipe",
            "waiting::law_07_a_refused_write_leaves_the_ring_as_it_was",
        ],
    ),
    (
        Table,
        &[
            "handles::a_full_channel_table_refuses_pipes_and_tasks",
            "handles::a_full_handle_table_refuses_the_next_handle",
            "rights::law_64_the_other_side_sees_no_end_between_two_owners",
            "rights::law_64_what_cannot_be_given_stays_where_it_is",
            "stream::law_52_a_connection_that_finds_no_place_leaves_the_client_as_it_was",
            "stream::law_52_each_end_goes_on_its_own_and_the_pair_is_freed_once",
        ],
    ),
    (Names, &["handles::a_name_is_taken_once_by_tasks_and_pipes_alike"]),
    (Kept, &["pipe::a_pipe_made_for_others_keeps_its_bytes_for_a_reader_who_comes_late"]),
    (
        NotRun("a queue of 64 messages: the system allows an ordinary user 10"),
        &["queue::law_40_inside_each_of_the_32_priorities_the_first_in_is_the_first_out"],
    ),
];
