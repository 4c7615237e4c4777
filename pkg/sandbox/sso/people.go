package sso

// SamplePeople are some of the sample directory's people, one for each way in:
// a member, somebody invited, people Sentry has never heard of, one whose
// membership SCIM would end, and one without e-mail address.
func SamplePeople() []Person {
	return []Person{
		{ID: 4, Username: "ada", Name: "Ada Example", Email: "ada.example@acme.test", Groups: []string{"Engineering", "SRE:On-Call"}},
		{ID: 5, Username: "grace", Name: "Grace Sample", Email: "grace.sample@acme.test", Groups: []string{"Data & Insights", "Design", "Engineering"}},
		{ID: 7, Username: "bo", Name: "Bo", Email: "bo@acme.test", Groups: []string{"Engineering"}},
		{ID: 9, Username: "asa", Name: "Åsa Exempel", Email: "asa.exempel@acme.test", Groups: []string{"Engineering", "Über Ops"}},
		{ID: 6, Username: "ivan", Name: "Ivan Inactive", Email: "ivan.inactive@acme.test", Groups: []string{"Engineering"}},
		{ID: 32, Username: "kiosk", Name: "Reception Kiosk", Groups: []string{"Engineering"}},
	}
}
