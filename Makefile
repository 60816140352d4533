# goodstanding: `make demo` shows the main job, `make test` proves it.
# `make help` lists what else there is.

SHELL    := /bin/bash
# A test whose output goes through a filter fails with it.
.SHELLFLAGS := -o pipefail -c
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
RELEASE  := $(shell cat VERSION)
LDFLAGS  := -s -w -X main.buildVersion=$(VERSION)
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
export CGO_ENABLED ?= 0

.PHONY: demo test build lint race unit postgres generate clean help

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

build: ## build bin/goodstanding, one static binary
	@mkdir -p bin
	go build -trimpath -buildvcs=false -ldflags '$(LDFLAGS)' -o bin/goodstanding ./cmd/goodstanding

# On a terminal the demo then answers on http://$(LISTEN) until it is stopped; without one (tests, CI) it ends by itself.
LISTEN ?= 127.0.0.1:8080
demo: build ## the main job on a fake Open Collective whose clock runs fast, on SQLite
	@if [ -t 1 ]; then exec ./bin/goodstanding demo --serve $(LISTEN); else exec ./bin/goodstanding demo; fi

# Three of the parts run at once, so that no processor waits where a test does; what a part says is shown line by line as it ends.
# WITH names further targets to run beside them: make test WITH=fuzz FUZZTIME=2s
GROUPED := $(if $(filter output-sync,$(.FEATURES)),--output-sync=line)
test: postgres installed ## everything that must hold; installs what it needs
	+@$(MAKE) --no-print-directory -j3 $(GROUPED) race whole stories apart lint demo-check $(WITH)

postgres: # the second engine: installed where that is possible, otherwise its tests say that they were skipped
	@deploy/need-postgres

.PHONY: installed peers
installed: # programs of others that the tests talk to: installed where that is possible, otherwise their tests say that they were skipped
	@deploy/need-peers

peers: postgres installed ## an alert through a real Alertmanager, and PostgreSQL restarted and killed while people vote; installs what all tests need
	+@$(MAKE) --no-print-directory alerts
	go test -count=1 -vet=off -timeout 5m -run '^TestTheDatabaseRestartsWhilePeopleVote$$' -v ./cmd/goodstanding | grep -v '^=== '

# The cluster of two servers is made and ended by the test; so long as that takes, CI runs the rest of it, ten times as fast.
HA := TestALeaderThatIsCutOff|TestTheDatabaseRestartsWhilePeopleVote|TestThePrimaryIsKilled
.PHONY: peers-ha
peers-ha: ## leaders stopped and cut off, PostgreSQL restarted, killed and failed over (Patroni and etcd); two minutes, its counts are in docs/scale.md
	@command -v patroni etcd >/dev/null || apt-get install -y --no-install-recommends patroni etcd-server etcd-client
	go test -count=1 -timeout 15m -run '^($(HA))$$' -v ./cmd/goodstanding -failover -leisurely | grep -v '^=== '

lint:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo 'gofmt would change these files'; exit 1; }
	go vet ./...
	go run $(STATICCHECK) ./...
	@if command -v golangci-lint >/dev/null; then golangci-lint run ./...; fi

# The suites of cmd, roll, chair, api and reactions, the long run and the cases drive the whole program over thousands of
# small transactions; under the race detector the SQL engine alone takes minutes there. They run without it, and
# what runs at once in them (the daemon, several who vote, the database that goes away) with, and with it alone.
# So do the packages whose tests start nothing that could race, the figures (allocations are others with it), and in
# MIXED the tests of SLOW, which do one thing after another and take five to ten times as long with the detector.
# Slowest first: nothing is left to wait for.
# DAEMON and AT_ONCE are parts of names of tests in RACED, and of no others; internal/archtest finds every name of these lists.
WHOLE   := ./internal/longrun ./cmd/... ./chair ./roll/... ./dispatch ./api ./web ./reactions ./eligibility ./internal/cases \
	./internal/metrics ./decisions ./policy ./publish ./notify/letter ./migrations ./invariants ./internal/archtest ./internal/bench
RACED   := ./cmd/goodstanding ./chair ./dispatch ./api ./reactions ./web ./internal/metrics
DAEMON  := WaiverOnTheCommandLine|FreshStore|StopsInTheMiddle|SIGHUP|SecondServe|SeveralServe|WhoVotesAtOne|ServeSendsNotices|DaemonCountsASign|ATokenIsRotated
AT_ONCE := OneTagOneWins|GoneForAWhile|KeepsTheFile|DuringTheCommit|ForeignWrite|WatchTells|ReadsGoOn|TwoActAtOnce|PullsAndVotes|TwoProcessesSend|LeaseIsTakenOver|AProgramThatEnds|TwoReadersAtOnce|FromTheForm|NothingIsSaid|WouldBeToldAlone|StopsWaiting|AFaultOfOne|ManyGoOn
MIXED   := ./syncer ./store ./internal/fakeoc ./syncer/opencollective
SLOW    := Bulk ReplayGivesTheSameFactsAcrossEngines FactsTakeAConstantNumberOfQueries TamperingIsFound TamperingWithADecisionIsFound \
	TheEnginesRefuseToChangeTheLog WhatIsFixedOnceStays TheFilmSceneByScene TheScheduleOfReadingsDoesNotMatter PullsPutThingsOnTheDesk \
	TheRollIsAsked MissingContributionsMoveNobody AContradictionThatLastsIsBelieved ContributionsAndChargesAgree \
	WhichRequestsAFaultStrikes ScenesDifferAsTheirWordsSay EverySceneIsPulledWhole \
	RequestsNeeded APageThatIsNotWhole RowsMoveBetweenPages ABackupIsTheSameOnBothEngines AnOlderBackupIsRestored \
	ADamagedBackupIsRefused ARestoreWantsAnEmptyDatabase EveryUpgradeKeepsEveryRow ARestoredDatabaseIsNotAtHome ARestoreMakesTheSameSchema \
	AHiddenChargeLapsesNobody ApplicationsComeAndGo AnAnswerWithoutEndTakesLittleMemory MoneyNamesAContributionThatIsListed \
	MoneyWithoutItsContributionIsBelievedAtLast ErasingChangesNoFact AWrongClockReadsNothing ReplayRefusesWhatIsNotWhole TheAuditChain \
	AFailedPullLeavesItsOwnRowAndNothingElse WhatWasReadBeforeHolds ABackupKeepsEveryByte NoAddressComesOut \
	ManyRowsAreReadAsTheyWereWritten ABackupWaitsForWhoTakesIt WhatADatabaseLacks ALossByAClockThatIsBehind \
	LookingBringsNothingUpToDate TheBackupOfACopy WhomAPullConcerns ReconcilingIsIdempotentAndLosesNothing APullThatBringsMuchIsThrifty \
	AllRowsComeOnce AServerThatFailsInTurn
# Of these the detector sees a few rows; all of them run without.
SAMPLED := FaultTable
REST     = $(filter-out $(shell go list $(WHOLE) $(MIXED)),$(shell go list ./...))

empty   :=
named    = ^Test($(subst $(empty) $(empty),|,$(strip $(1))))$$

# What tests keep is worth nothing. Where memory has the room for it, and programs may run from there, it stays in memory: a
# sixth of what tests of databases cost is the disk. TMPDIR chooses another folder.
MEMORY  := /dev/shm/goodstanding-tests
SCRATCH := $(shell [ -z "$$TMPDIR" ] && [ "$$(df -Pk /dev/shm 2>/dev/null | awk 'END { print $$4 }')" -gt 6000000 ] && mkdir -p $(MEMORY) && \
	chmod 1777 $(MEMORY) && cp /bin/true $(MEMORY)/runs && $(MEMORY)/runs && echo 'TMPDIR=$(MEMORY) GOTMPDIR=/tmp ')

# make lint vets everything, so that the test runs need not. The race detector needs cgo, hence a C compiler.
TESTS   := $(SCRATCH)go test -vet=off
RACING  := $(if $(shell command -v $${CC:-cc}),CGO_ENABLED=1 $(TESTS) -race,$(TESTS))

# What the tests of MIXED and REST say is kept in bin, where CI looks for those that need programs and recordings of
# others; it is shown when one fails.
logged   = @echo '$(2)'; $(1) >bin/$(3).log 2>&1 || { grep -vE '^ *(=== |--- PASS)' bin/$(3).log; exit 1; }; grep ^ok bin/$(3).log

race: ## what runs at once, under the race detector
	@mkdir -p bin
	$(if $(filter -race,$(RACING)),,@echo 'no C compiler: testing without the race detector')
	$(call logged,$(RACING) -v -timeout 12m -skip '$(call named,$(SLOW))' $(MIXED),racing $(MIXED) but for what is slow,mixed)
	$(call logged,$(RACING) -v -timeout 8m $(REST),racing the rest,rest)
	$(RACING) -timeout 8m -run '$(DAEMON)|$(AT_ONCE)' $(RACED)

# The stories have a part of their own: a browser needs a processor beside the program's. So have the tests of APART,
# half of those of cmd by time, which mostly wait: for a lease, a database, a program that is killed, a pause.
BROWSED := Stories
APART   := ALeaderThatIsCutOff TheDatabaseRestartsWhilePeopleVote KilledInTheMiddleOfAPull KilledWhilePeopleVote TheMembersDecide \
	HintsAtAnyTime TheDaemonInAStorm AnHourOfGoodAndBadAnswers ChangesHaveAPace ALeaderThatDoesNotKnow LiveServerThatRecovers \
	TheTreasurersAreToldThatTheRollIsStale DemoIsTheSameInAnyYear DemoIsServedUntilItIsStopped DemoCanBeKept TheDatabaseIsStoppedUnderIt
.PHONY: whole
whole: ## without it: the whole program, what is pure, and what is slow
	$(TESTS) -timeout 12m -skip '$(call named,$(BROWSED) $(APART))|$(DAEMON)|$(AT_ONCE)' $(WHOLE)
	$(TESTS) -timeout 8m -run '$(call named,$(SLOW) $(SAMPLED))' $(MIXED)

.PHONY: apart
apart: ## those that mostly wait: leaders cut off, the database restarted, programs killed
	$(TESTS) -timeout 8m -run '$(call named,$(APART))' ./cmd/goodstanding

.PHONY: stories screens
stories: ## each role's story in a real browser, and every page under axe (docs/testing.md)
	@mkdir -p bin
	@echo 'walking the stories in a browser'
	@$(TESTS) -v -count=1 -timeout 10m -run '$(call named,$(BROWSED))' ./cmd/goodstanding >bin/stories.log 2>&1 || { cat bin/stories.log; exit 1; }
	@grep -E 'SKIPPED|^axe\||^pages\||^ok' bin/stories.log; echo "$$(grep -c '^story|' bin/stories.log) steps of stories: bin/stories.log"

screens: ## rewrite docs/screens, the gallery of every page; look at the pictures before you commit them
	$(TESTS) -count=1 -timeout 10m -run '$(call named,$(BROWSED))' ./cmd/goodstanding -screens $(CURDIR)/docs/screens

unit: ## the tests alone, without the race detector
	go test -timeout 12m ./...

SOAK ?= 40
.PHONY: soak chaos lives
soak: ## chaos, and then lives: three quarters of an hour
	+@$(MAKE) --no-print-directory chaos
	+@$(MAKE) --no-print-directory lives

# Its modules stay out of go.mod: it is a program of others, as PostgreSQL is.
TOXIPROXY := github.com/Shopify/toxiproxy/v2/cmd/server@v2.5.0
chaos: postgres ## readers, voters and treasurers on both engines while links fail, daemons die, clocks jump and disks fill; less than twenty minutes, writes docs/testing.md
	@GOBIN=$(CURDIR)/bin/toxiproxy go install $(TOXIPROXY)
	go test -count=1 -timeout 30m -run '^TestChaos' -v ./cmd/goodstanding -chaos -toxiproxy $(CURDIR)/bin/toxiproxy/server -chaos-record $(CURDIR)/docs/testing.md | grep --line-buffered -v '^=== '

lives: ## many lives of 400 days against the fake with all its faults, two at once; half an hour or more, writes docs/testing.md
	go test -count=1 -timeout 6h -parallel 2 -run 'TestSoak$$' -v ./internal/longrun -soak $(SOAK) -record $(CURDIR)/docs/testing.md | grep --line-buffered -v "^=== "

.PHONY: bench
bench: postgres ## how fast it is: every figure, as a ratio within one run where there is another side; writes docs/performance.md; FIGURE=N for one
	@go test -vet=off -count=1 -timeout 20m -run 'TestFigures$$' -v ./internal/bench -measure -figure $(or $(FIGURE),0) -record $(CURDIR)/docs/performance.md | grep -vE '^ *(=== |--- PASS)'

.PHONY: largest
largest: postgres ## pull, apply and assess the largest collective that a host might have, once; minutes, and much memory; CONTRIBUTIONS=N
	@go test -vet=off -count=1 -timeout 60m -run 'TestLargestCollective$$' -v ./internal/bench -contributions $(or $(CONTRIBUTIONS),1000000) | grep -vE '^ *(=== |--- PASS)'

.PHONY: demo-check
demo-check: build
	@deploy/check-demo bin/goodstanding
	@deploy/newcomer >bin/newcomer.log 2>&1 || { cat bin/newcomer.log; exit 1; }; tail -n 1 bin/newcomer.log

.PHONY: newcomer
newcomer: ## from nothing to an instance that is deployed and watched, in ten commands that are shown and checked
	@deploy/newcomer

.PHONY: image
image: ## build the image of the Dockerfile without an engine, run it, ask its health check; IMAGE=FILE keeps it
	@KEEP='$(IMAGE)' deploy/image

.PHONY: alerts
alerts: build ## an alert from a failing daemon through a real Prometheus and Alertmanager to a webhook
	@go test -count=1 -vet=off -run TestAlertsArrive -v ./deploy -alerts

.PHONY: release
release: ## the binaries of release VERSION for Linux, with checksums, in bin/release; the same bytes wherever they are built
	@deploy/release v$(RELEASE) bin/release

.PHONY: twice
twice: build # the binary of this machine from two folders, with the same bytes; make release does it for each platform, without the cache
	@QUICK=1 deploy/release v$(RELEASE) bin/twice

# TARGETS chooses some of them: make fuzz FUZZTIME=10m TARGETS=FuzzPull
FUZZTIME ?= 60s
.PHONY: fuzz
fuzz: ## try every fuzz target for FUZZTIME each (60s); what fails is kept in testdata/fuzz
	@deploy/fuzz $(FUZZTIME) $(TARGETS)

# The seed makes the random histories the same for every fault and every run.
.PHONY: mutation
mutation: ## small faults in the engine, one at a time: at least 95 % must be noticed (docs/testing.md)
	nice go run ./internal/mutate -equivalent eligibility/testdata/mutants/equivalent.txt -page docs/testing.md ./eligibility -rapid.seed=1 -rapid.nofailfile -rapid.shrinktime=0s

generate: ## rewrite golden files and schemas; look at the difference before you commit it
	go test ./migrations/... ./store/... ./policy/... ./roll/... ./notify/letter ./cmd/... ./internal/archtest -update

clean: ## remove what was built
	rm -rf bin
