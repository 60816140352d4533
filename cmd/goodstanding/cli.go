package main

// cli is the command line. The order of commands is that of --help.
type cli struct {
	globals

	Status  statusCmd  `cmd:"" group:"daily" help:"Everything on one screen, and what to do next"`
	Sync    syncCmd    `cmd:"" group:"daily" help:"Read Open Collective and say what changed"`
	Roll    rollCmd    `cmd:"" group:"daily" help:"List the members with their standings"`
	Explain explainCmd `cmd:"" group:"daily" help:"Say why a member's standing is what it is"`
	Desk    deskCmd    `cmd:"" group:"daily" help:"What does not fit together, with a command that sorts it out"`

	Members membersCmd `cmd:"" group:"members" help:"Add, import, link and change members"`
	Link    linkCmd    `cmd:"" group:"members" help:"Link an Open Collective account to a member"`
	Waive   waiveCmd   `cmd:"" group:"members" help:"Waive a member's dues for a time"`
	Pay     payCmd     `cmd:"" group:"members" help:"Enter money that did not come through Open Collective"`

	Decisions decisionsCmd `cmd:"" aliases:"decide" group:"decisions" help:"What the members decide: propose, answer, follow"`

	Policy policyCmd `cmd:"" group:"rules" help:"The federation's rules: show, check, compare, add"`
	Holds  holdsCmd  `cmd:"" group:"rules" help:"What the brake holds back, and letting it go"`

	Notices noticesCmd `cmd:"" group:"rules" help:"What is told to whom, why or why not; letting it go"`

	People    peopleCmd    `cmd:"" group:"people" help:"Who may do what, and delegates of members"`
	Providers providersCmd `cmd:"" group:"people" help:"The public list of members who offer services"`

	Opportunities opportunitiesCmd `cmd:"" group:"people" help:"Funded work that members tell each other of first"`

	Serve       serveCmd         `cmd:"" group:"running" help:"Run by itself: read Open Collective, keep the roll, answer over HTTP"`
	Token       tokenCmd         `cmd:"" group:"running" help:"Tokens with which programs read the roll over HTTP"`
	Demo        demoCmd          `cmd:"" group:"running" help:"Show the program at work, on invented members"`
	Fake        fakeCmd          `cmd:"" name:"fake-opencollective" group:"running" help:"An Open Collective of your own, to try things out"`
	CheckConfig checkConfigCmd   `cmd:"" group:"running" help:"Say what the settings are, and what is wrong with them"`
	Verify      verifyCmd        `cmd:"" group:"running" help:"Check that what must always hold does: chains, sums, standings"`
	Backup      backupCmd        `cmd:"" group:"running" help:"Write everything into one file, while others work"`
	Restore     restoreBackupCmd `cmd:"" group:"running" help:"Read a backup into a new database"`
	Migrate     migrateCmd       `cmd:"" group:"running" help:"Bring the database up to date"`
	Healthcheck healthcheckCmd   `cmd:"" group:"running" help:"Say whether the database can be worked with"`
	Completion  completionCmd    `cmd:"" group:"running" help:"Let a shell complete commands and flags"`
	Version     versionCmd       `cmd:"" group:"running" help:"Say which version this is"`
}

// globals are the flags of every command.
type globals struct {
	As   string `placeholder:"NAME" help:"Who does it: a person by name, address or id; else operator:LOGIN"`
	JSON bool   `help:"Print for machines"`
	Yes  bool   `short:"y" help:"Do not ask"`

	Config               string `group:"settings" placeholder:"FILE"`
	Data                 string `group:"settings" placeholder:"DIR"`
	Database             string `group:"settings" placeholder:"ADDRESS"`
	DatabaseFile         string `group:"settings" placeholder:"FILE"`
	DatabasePasswordFile string `group:"settings" placeholder:"FILE"`
	OCSlug               string `name:"oc-slug" group:"settings" placeholder:"SLUG"`
	OCURL                string `name:"oc-url" group:"settings" placeholder:"URL"`
	OCTokenFile          string `name:"oc-token-file" group:"settings" placeholder:"FILE"`
	SyncEvery            string `group:"settings" placeholder:"TIME"`
	FirstTreasurer       string `group:"settings" placeholder:"EMAIL"`
	Listen               string `group:"settings" placeholder:"ADDRESS"`
	MetricsListen        string `group:"settings" placeholder:"ADDRESS"`
	PublicURL            string `name:"public-url" group:"settings" placeholder:"URL"`
	TrustedProxies       string `group:"settings" placeholder:"LIST"`
	HookSecretFile       string `group:"settings" placeholder:"FILE"`
	SMTPURLFile          string `name:"smtp-url-file" group:"settings" placeholder:"FILE"`
	SMTPPasswordFile     string `name:"smtp-password-file" group:"settings" placeholder:"FILE"`
	MailFrom             string `group:"settings" placeholder:"ADDRESS"`
	MailReplyTo          string `group:"settings" placeholder:"ADDRESS"`
	SMTPHello            string `name:"smtp-hello" group:"settings" placeholder:"HOST"`
	MailTemplates        string `group:"settings" placeholder:"DIR"`
	OIDCIssuer           string `name:"oidc-issuer" group:"settings" placeholder:"URL"`
	OIDCClientID         string `name:"oidc-client-id" group:"settings" placeholder:"ID"`
	OIDCSecretFile       string `name:"oidc-client-secret-file" group:"settings" placeholder:"FILE"`
	PolicyFile           string `name:"policy" group:"settings" placeholder:"FILE"`
	LogLevel             string `group:"settings" placeholder:"LEVEL"`
	LogFormat            string `group:"settings" placeholder:"FORMAT"`
}

// values are the settings given as flags, by name.
func (g *globals) values() map[string]string {
	return map[string]string{
		"CONFIG": g.Config, "DATA": g.Data, "DATABASE": g.Database, "DATABASE_FILE": g.DatabaseFile,
		"DATABASE_PASSWORD_FILE": g.DatabasePasswordFile, "SMTP_PASSWORD_FILE": g.SMTPPasswordFile,
		"OC_SLUG": g.OCSlug, "OC_URL": g.OCURL, "OC_TOKEN_FILE": g.OCTokenFile, "SYNC_EVERY": g.SyncEvery,
		"FIRST_TREASURER": g.FirstTreasurer, "POLICY": g.PolicyFile, "LOG_LEVEL": g.LogLevel, "LOG_FORMAT": g.LogFormat,
		"LISTEN": g.Listen, "METRICS_LISTEN": g.MetricsListen, "PUBLIC_URL": g.PublicURL, "TRUSTED_PROXIES": g.TrustedProxies,
		"HOOK_SECRET_FILE": g.HookSecretFile,
		"SMTP_URL_FILE":    g.SMTPURLFile, "MAIL_FROM": g.MailFrom, "MAIL_REPLY_TO": g.MailReplyTo, "SMTP_HELLO": g.SMTPHello,
		"MAIL_TEMPLATES": g.MailTemplates,
		"OIDC_ISSUER":    g.OIDCIssuer, "OIDC_CLIENT_ID": g.OIDCClientID, "OIDC_CLIENT_SECRET_FILE": g.OIDCSecretFile,
	}
}
