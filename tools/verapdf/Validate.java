import java.io.File;
import java.io.FileInputStream;
import java.util.Map;
import java.util.TreeMap;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Validates PDF files against one profile; prints each broken rule once, with how often. */
public final class Validate {
    private Validate() {}

    /** Takes the profile (ua1, 2a), then the files. Exits with 1 unless every file complies. */
    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        PDFAFlavour profile = PDFAFlavour.fromString(arguments[0]);
        boolean compliant = true;
        for (int place = 1; place < arguments.length; place++) {
            compliant &= complies(new File(arguments[place]), profile);
        }
        System.exit(compliant ? 0 : 1);
    }

    private static boolean complies(File file, PDFAFlavour profile) throws Exception {
        try (PDFAParser parser =
                        Foundries.defaultInstance()
                                .createParser(new FileInputStream(file), profile);
                PDFAValidator validator =
                        Foundries.defaultInstance().createValidator(profile, false)) {
            ValidationResult result = validator.validate(parser);
            String verdict = result.isCompliant() ? "compliant" : "NOT COMPLIANT";
            System.out.printf(
                    "%s: %s with %s (%d checks)%n",
                    file.getName(), verdict, profile, result.getTotalAssertions());
            report(result);
            return result.isCompliant();
        }
    }

    private static void report(ValidationResult result) {
        Map<String, Integer> counts = new TreeMap<>();
        Map<String, String> messages = new TreeMap<>();
        for (TestAssertion check : result.getTestAssertions()) {
            if (check.getStatus() == TestAssertion.Status.FAILED) {
                String rule = check.getRuleId().getClause() + "-" + check.getRuleId().getTestNumber();
                counts.merge(rule, 1, Integer::sum);
                messages.putIfAbsent(
                        rule, check.getMessage() + " at " + check.getLocation().getContext());
            }
        }
        counts.forEach(
                (rule, count) ->
                        System.out.printf("  rule %s, %d times: %s%n", rule, count, messages.get(rule)));
    }
}
