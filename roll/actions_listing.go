package roll

// The words of the audit chain for lists of members and the provider list; as
// in actions.go, never reused or renamed.
const (
	actionImportMembers    = "import_members"
	actionProfile          = "set_profile"
	actionConsent          = "consent"
	actionWithdrawConsent  = "withdraw_consent"
	actionApprove          = "approve_listing"
	actionWithdrawApproval = "withdraw_approval"
	actionPublish          = "publish_providers"
	actionUnpublish        = "unpublish_providers"
	actionLogo             = "set_logo"
	actionRemoveLogo       = "remove_logo"
	actionFace             = "set_public_details"
)
