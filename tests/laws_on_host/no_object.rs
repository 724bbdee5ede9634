//! The tests in which there is nothing that the host could have: each is seen to use nothing of it.
//!
//! They run over the host all the same, and nothing is different.

/// Whether a test is one of them.
pub(crate) fn has_no_object(test: &str) -> bool {
    MODULES.iter().any(|module| test.starts_with(module))
        || [OWN_DEVICES, TESTS].concat().contains(&test)
}

/// Messages to tasks, and requests.
pub(crate) const MODULES: &[&str] = &["mailbox::", "request::"];

/// They have devices of their own.
pub(crate) const OWN_DEVICES: &[&str] = &[
    "poll::law_60_a_device_that_becomes_ready_wakes_who_polls_it",
    "tasks::law_18_a_device_that_can_wake_nobody_leaves_the_timers_and_then_a_deadlock",
    "tasks::law_18_when_all_sleep_devices_are_waited_for_and_timers_are_not_forgotten",
    "waiting::law_02_a_device_that_has_become_ready_wakes_even_while_others_run",
    "waiting::law_05_a_late_comer_takes_no_byte_of_a_device_that_another_waited_for",
    "waiting::law_13_a_read_of_a_device_has_four_forms",
];

/// Tasks, time, names and mailboxes; sockets that have no name yet, and calls that are refused.
pub(crate) const TESTS: &[&str] = &[
    "corners::law_18_who_polls_its_mailbox_waits_for_someone",
    "corners::law_19_a_body_that_never_ran_goes_at_once_when_it_is_killed_and_harms_nobody",
    "corners::law_19_a_spawn_that_fails_leaves_no_task_behind",
    "corners::law_19_a_task_without_a_thread_is_a_failure_that_is_told",
    "corners::law_19_bodies_that_panic_when_their_executor_goes_harm_nobody",
    "corners::law_19_several_tasks_without_threads_do_not_keep_the_run_from_its_end",
    "death::law_19_a_body_that_panics_when_a_task_kills_it_harms_nobody",
    "death::law_19_a_body_that_panics_when_its_runner_kills_it_harms_nobody",
    "death::law_19_a_killer_is_told_when_its_victim_is_dead_already",
    "death::law_19_the_body_of_a_task_that_another_one_kills_goes_at_once",
    "death::law_19_whoever_called_it_gets_peer_dead",
    "death::law_19_whoever_waits_for_its_message_or_for_room_in_its_mailbox_gets_peer_dead",
    "handles::a_control_character_beyond_ascii_is_no_part_of_a_name",
    "handles::a_control_character_is_no_part_of_a_name",
    "handles::a_full_task_table_refuses_the_next_task",
    "handles::a_message_longer_than_the_mailbox_allows_is_not_sent",
    "handles::a_name_too_long_is_refused_and_never_cut",
    "handles::a_name_with_a_colon_belongs_to_the_devices",
    "handles::an_empty_name_is_not_a_name",
    "handles::law_63_an_object_of_another_kind_is_the_wrong_kind",
    "pipe::law_38_a_capacity_is_one_byte_to_the_whole_ring",
    "poll::law_11_of_two_sleeps_at_the_same_time_each_has_its_own_end",
    "poll::law_60_a_mailbox_is_ready_when_there_is_a_message_and_a_reply_is_none",
    "poll::law_61_an_empty_set_for_ever_is_an_error",
    "poll::law_61_an_empty_set_with_a_time_out_is_a_sleep",
    "queue::law_43_a_queue_made_for_others_goes_when_it_is_unlinked_and_nobody_has_it_open",
    "queue::the_longest_message_of_a_queue_of_one_fills_the_ring",
    "rights::law_63_a_handle_for_a_task_is_for_nothing_but_its_end",
    "rights::law_63_a_poll_says_the_kind_before_the_right",
    "rights::law_63_a_right_is_said_before_the_state_of_a_socket_and_before_an_argument",
    "rights::law_64_the_right_to_kill_can_be_given_too",
    "several::law_01_an_answer_is_not_lost_when_another_call_of_the_task_waits",
    "several::law_27_another_call_that_is_dropped_does_not_give_the_request_up",
    "stream::law_46_a_socket_that_no_ring_can_hold_is_not_made",
    "tasks::law_14_a_name_has_one_living_owner",
    "tasks::law_14_a_name_too_long_is_refused_and_never_cut",
    "tasks::law_14_an_empty_name_is_refused",
    "tasks::law_15_a_call_that_wakes_no_more_urgent_task_is_not",
    "tasks::law_15_of_those_woken_at_the_same_tick_the_most_urgent_runs_first",
    "tasks::law_15_whoever_lowers_itself_below_a_ready_task_is_switched_from",
    "tasks::law_16_a_task_made_ready_runs_before_any_equal_one_runs_twice_more",
    "tasks::law_16_a_task_that_never_waits_lets_an_equal_one_run_after_its_quantum",
    "tasks::law_16_a_task_that_only_yields_does_not_stop_time",
    "tasks::law_16_a_yield_does_not_go_behind_a_lower_task",
    "tasks::law_16_a_yield_goes_behind_all_equals",
    "tasks::law_17_a_change_of_priority_re_sorts_the_line_of_a_mailbox",
    "tasks::law_17_a_change_of_priority_re_sorts_the_ready_queue",
    "tasks::law_18_a_deadlock_after_a_failure_also_tells_the_failure",
    "tasks::law_18_when_all_sleep_time_goes_on_to_the_next_timer",
    "tasks::law_20_an_executor_does_not_kill_a_later_incarnation",
    "tasks::law_20_the_id_of_an_earlier_incarnation_reaches_nobody",
    "waiting::law_01_whoever_finds_a_mailbox_empty_or_full_is_in_line_before_anyone_can_change_it",
    "waiting::law_02_a_send_wakes_a_receiver_and_a_receive_wakes_a_sender",
    "waiting::law_03_a_death_is_seen_by_everyone_it_wakes",
    "waiting::law_04_a_woken_sender_that_dies_passes_the_wake_on",
    "waiting::law_04_a_woken_task_that_drops_its_send_passes_the_wake_on",
    "waiting::law_05_a_late_comer_of_equal_or_lower_priority_takes_no_slot_that_another_was_woken_for",
    "waiting::law_05_senders_are_served_by_priority_and_then_in_the_order_of_their_coming",
    "waiting::law_06_a_mailbox_that_goes_answers_all_its_senders",
    "waiting::law_07_a_refused_send_leaves_the_mailbox_and_a_refused_receive_the_buffer_as_it_was",
    "waiting::law_07_length_and_body_become_visible_together_and_before_the_wake",
    "waiting::law_09_a_receiver_learns_how_much_was_copied_and_how_much_there_was",
    "waiting::law_10_an_empty_message_is_a_message",
    "waiting::law_12_the_death_of_one_peer_is_no_answer_about_another",
    "waiting::law_13_a_receive_from_one_sender_has_four_forms",
    "waiting::law_13_a_receive_has_four_forms",
    "waiting::law_13_a_send_has_four_forms",
    "waiting::law_13_a_sleep_has_a_time_or_a_deadline",
];
