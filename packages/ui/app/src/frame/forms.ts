import * as forms from "react-hook-form";

window.convoFrame.parts.forms = { ...forms };
