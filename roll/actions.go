package roll

// The words of the audit chain for what is entered: a closed set, part of the
// chain's format. A word is never reused or renamed.
const (
	actionAddPolicy       = "add_policy"
	actionAdd             = "add_member"
	actionAdmit           = "admit"
	actionLeave           = "leave"
	actionLink            = "link"
	actionUnlink          = "unlink"
	actionNoAccount       = "mark_no_account"
	actionSupporter       = "mark_supporter"
	actionWaive           = "waive"
	actionEndWaiver       = "end_waiver"
	actionPay             = "enter_payment"
	actionUndoPayment     = "undo_payment"
	actionImportPayments  = "import_payments"
	actionPause           = "pause"
	actionResume          = "resume"
	actionSuspend         = "suspend"
	actionRestore         = "restore"
	actionMerge           = "merge"
	actionAdopt           = "adopt"
	actionAddPerson       = "add_person"
	actionRemovePerson    = "remove_person"
	actionRole            = "set_role"
	actionDelegate        = "set_delegate"
	actionConfirmDelegate = "confirm_delegate"
	actionMatrix          = "set_matrix_id"
	actionDismiss         = "dismiss_entry"
	actionAcknowledge     = "acknowledge_hold"
)
