package samlresponse

// schemaTable holds the elements of a response as the schemas that come with
// python3-saml declare them (schemas/saml-schema-protocol-2.0.xsd and those it
// imports), one a line: name; attributes with their types, the required ones
// with a !; content. A name after a dot is known only inside its parents. The
// content is a regular expression over child names, or text:TYPE; mixed allows
// text between children; other allows attributes of other namespaces. any stands for any element, not:P for one of another
// namespace than P's; with a ! such an element has to be in this table, too.
// More than these no identity provider sends, and what is not here is refused.
const schemaTable = `
samlp:Response; ID!:ID InResponseTo:NCName Version!:string IssueInstant!:dateTime Destination:anyURI Consent:anyURI; saml:Issuer? ds:Signature? samlp:Extensions? samlp:Status (saml:Assertion|saml:EncryptedAssertion)*
samlp:Extensions; ; not:samlp+
samlp:Status; ; samlp:StatusCode samlp:StatusMessage? samlp:StatusDetail?
samlp:StatusCode; Value!:anyURI; samlp:StatusCode?
samlp:StatusMessage; ; text:string
samlp:StatusDetail; ; any*
saml:Assertion; Version!:string ID!:ID IssueInstant!:dateTime; saml:Issuer ds:Signature? saml:Subject? saml:Conditions? saml:Advice? (saml:AuthnStatement|saml:AuthzDecisionStatement|saml:AttributeStatement)*
saml:EncryptedAssertion; ; xenc:EncryptedData xenc:EncryptedKey*
saml:EncryptedID; ; xenc:EncryptedData xenc:EncryptedKey*
saml:EncryptedAttribute; ; xenc:EncryptedData xenc:EncryptedKey*
saml:Issuer; NameQualifier:string SPNameQualifier:string Format:anyURI SPProvidedID:string; text:string
saml:NameID; NameQualifier:string SPNameQualifier:string Format:anyURI SPProvidedID:string; text:string
saml:Subject; ; ((saml:NameID|saml:EncryptedID) saml:SubjectConfirmation*)|saml:SubjectConfirmation+
saml:SubjectConfirmation; Method!:anyURI; (saml:NameID|saml:EncryptedID)? saml:SubjectConfirmationData?
saml:SubjectConfirmationData; NotBefore:dateTime NotOnOrAfter:dateTime Recipient:anyURI InResponseTo:NCName Address:string other; mixed any*
saml:Conditions; NotBefore:dateTime NotOnOrAfter:dateTime; (saml:AudienceRestriction|saml:OneTimeUse|saml:ProxyRestriction)*
saml:AudienceRestriction; ; saml:Audience+
saml:Audience; ; text:anyURI
saml:OneTimeUse; ;
saml:ProxyRestriction; Count:nonNegativeInteger; saml:Audience*
saml:Advice; ; (saml:AssertionIDRef|saml:AssertionURIRef|saml:Assertion|saml:EncryptedAssertion|not:saml)*
saml:AssertionIDRef; ; text:NCName
saml:AssertionURIRef; ; text:anyURI
saml:AuthnStatement; AuthnInstant!:dateTime SessionIndex:string SessionNotOnOrAfter:dateTime; saml:SubjectLocality? saml:AuthnContext
saml:SubjectLocality; Address:string DNSName:string;
saml:AuthnContext; ; ((saml:AuthnContextClassRef (saml:AuthnContextDecl|saml:AuthnContextDeclRef)?)|saml:AuthnContextDecl|saml:AuthnContextDeclRef) saml:AuthenticatingAuthority*
saml:AuthnContextClassRef; ; text:anyURI
saml:AuthnContextDeclRef; ; text:anyURI
saml:AuthnContextDecl; ; anything
saml:AuthenticatingAuthority; ; text:anyURI
saml:AuthzDecisionStatement; Resource!:anyURI Decision!:decision; saml:Action+ saml:Evidence?
saml:Action; Namespace!:anyURI; text:string
saml:Evidence; ; (saml:AssertionIDRef|saml:AssertionURIRef|saml:Assertion|saml:EncryptedAssertion)+
saml:AttributeStatement; ; (saml:Attribute|saml:EncryptedAttribute)+
saml:Attribute; Name!:string NameFormat:anyURI FriendlyName:string other; saml:AttributeValue*
saml:AttributeValue; ; anything
ds:Signature; Id:ID; ds:SignedInfo ds:SignatureValue ds:KeyInfo? ds:Object*
ds:SignatureValue; Id:ID; text:base64Binary
ds:SignedInfo; Id:ID; ds:CanonicalizationMethod ds:SignatureMethod ds:Reference+
ds:CanonicalizationMethod; Algorithm!:anyURI; mixed any!*
ds:SignatureMethod; Algorithm!:anyURI; mixed ds:HMACOutputLength? not:ds!*
.ds:HMACOutputLength; ; text:integer
ds:Reference; Id:ID URI:anyURI Type:anyURI; ds:Transforms? ds:DigestMethod ds:DigestValue
ds:Transforms; ; ds:Transform+
ds:Transform; Algorithm!:anyURI; mixed (not:ds|ds:XPath)*
.ds:XPath; ; text:string
ds:DigestMethod; Algorithm!:anyURI; mixed not:ds*
ds:DigestValue; ; text:base64Binary
ds:KeyInfo; Id:ID; mixed (ds:KeyName|ds:KeyValue|ds:RetrievalMethod|ds:X509Data|ds:PGPData|ds:SPKIData|ds:MgmtData|not:ds)+
ds:KeyName; ; text:string
ds:MgmtData; ; text:string
ds:KeyValue; ; mixed ds:DSAKeyValue|ds:RSAKeyValue|not:ds
ds:RSAKeyValue; ; ds:Modulus ds:Exponent
.ds:Modulus; ; text:base64Binary
.ds:Exponent; ; text:base64Binary
ds:DSAKeyValue; ; (ds:P ds:Q)? ds:G? ds:Y ds:J? (ds:Seed ds:PgenCounter)?
.ds:P; ; text:base64Binary
.ds:Q; ; text:base64Binary
.ds:G; ; text:base64Binary
.ds:Y; ; text:base64Binary
.ds:J; ; text:base64Binary
.ds:Seed; ; text:base64Binary
.ds:PgenCounter; ; text:base64Binary
ds:PGPData; ; (ds:PGPKeyID ds:PGPKeyPacket? not:ds*)|(ds:PGPKeyPacket not:ds*)
.ds:PGPKeyID; ; text:base64Binary
.ds:PGPKeyPacket; ; text:base64Binary
ds:SPKIData; ; (ds:SPKISexp not:ds?)+
.ds:SPKISexp; ; text:base64Binary
ds:RetrievalMethod; URI:anyURI Type:anyURI; ds:Transforms?
ds:X509Data; ; (ds:X509IssuerSerial|ds:X509SKI|ds:X509SubjectName|ds:X509Certificate|ds:X509CRL|not:ds)+
.ds:X509IssuerSerial; ; ds:X509IssuerName ds:X509SerialNumber
.ds:X509IssuerName; ; text:string
.ds:X509SerialNumber; ; text:string
.ds:X509SKI; ; text:base64Binary
.ds:X509SubjectName; ; text:string
.ds:X509Certificate; ; text:base64Binary
.ds:X509CRL; ; text:base64Binary
ds:Object; Id:ID MimeType:string Encoding:anyURI; mixed any*
ds:Manifest; Id:ID; ds:Reference+
xenc:EncryptedData; Id:ID Type:anyURI MimeType:string Encoding:anyURI; xenc:EncryptionMethod? ds:KeyInfo? xenc:CipherData
xenc:EncryptedKey; Id:ID Type:anyURI MimeType:string Encoding:anyURI Recipient:string; xenc:EncryptionMethod? ds:KeyInfo? xenc:CipherData xenc:ReferenceList? xenc:CarriedKeyName?
.xenc:EncryptionMethod; Algorithm!:anyURI; mixed xenc:KeySize? xenc:OAEPparams? not:xenc!*
.xenc:KeySize; ; text:integer
.xenc:OAEPparams; ; text:base64Binary
.xenc:CarriedKeyName; ; text:string
xenc:CipherData; ; xenc:CipherValue
.xenc:CipherValue; ; text:base64Binary
xenc:ReferenceList; ; (xenc:DataReference|xenc:KeyReference)+
.xenc:DataReference; URI!:anyURI; not:xenc!*
.xenc:KeyReference; URI!:anyURI; not:xenc!*
`
