package web

import (
	"net/http"

	"coopcloud.tech/goodstanding/roll"
)

// AdmissionsPath is where those with an office read applications.
const AdmissionsPath = "/admissions"

// joinRoutes are those of joining: for everybody, for the applicant, and for those
// who decide about applications.
func joinRoutes() []route {
	return []route{
		{method: http.MethodGet, path: joinPath, answer: public((*reading).join), who: everybody},
		{method: http.MethodGet, path: joinPath + ".json", answer: public((*reading).joinJSON), who: everybody},
		{method: http.MethodGet, path: joinPath + ".md", answer: public((*reading).joinMarkdown), who: everybody},
		{method: http.MethodPost, path: joinPath, answer: public((*reading).apply), who: entrance},
		{method: http.MethodGet, path: joinPath + "/sent", answer: (*Pages).applicationSent, who: entrance},
		{method: http.MethodGet, path: roll.ApplicationPath + "{token}", answer: (*Pages).confirmForm, who: entrance},
		{method: http.MethodPost, path: joinPath + "/confirm", answer: (*Pages).confirmApplication, who: entrance},
		{method: http.MethodGet, path: joinPath + "/confirmed", answer: (*Pages).applicationConfirmed, who: entrance},
		{method: http.MethodGet, path: AdmissionsPath, answer: admitting((*mine).admissions), who: offices},
		{method: http.MethodPost, path: AdmissionsPath + "/{application}/accept", answer: admitting((*mine).accept), who: offices},
		{method: http.MethodPost, path: AdmissionsPath + "/{application}/decline", answer: admitting((*mine).decline), who: offices},
		{method: http.MethodPost, path: AdmissionsPath + "/{applicant}/admit", answer: admitting((*mine).admit), who: offices},
	}
}
